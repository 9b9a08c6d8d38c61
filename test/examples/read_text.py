#!/usr/bin/env python3
"""Reads a drawn word with PP-OCR's recognition model, compiled by qcc.

read_text.py build/models/ppocr_rec.onnx HELLO
"""

import sys

import numpy as np
import onnx
import qcc

FONT = {
    "E": "##### #.... #.... ####. #.... #.... #####",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "O": ".###. #...# #...# #...# #...# #...# .###.",
}


def draw(word: str) -> np.ndarray:
    """Black on white, 48 pixels high, as the model wants it: [1, 3, 48, width] from -1 to 1."""
    letters = [[[pixel == "#" for pixel in row] for row in FONT[letter].split()] for letter in word]
    line = np.concatenate([np.pad(letter, ((2, 3), (1, 1))) for letter in letters], axis=1)
    ink = np.pad(np.kron(line, np.ones((4, 4))), ((0, 0), (8, 8)))
    return np.broadcast_to(1 - 1.8 * ink, (1, 3, *ink.shape)).astype(np.float32)


def read(scores: np.ndarray, alphabet: list[str]) -> str:
    """The best letter at each position; repetitions and blanks (0) separate letters."""
    best = scores[0].argmax(axis=1)
    changes = best[np.insert(best[1:] != best[:-1], 0, True)]
    return "".join(alphabet[letter - 1] for letter in changes if letter)


def main() -> None:
    path, word = sys.argv[1:]
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    model = qcc.compile(path)
    scores = model(draw(word))
    print(read(scores, [*metadata["character"].splitlines(), " "]))


if __name__ == "__main__":
    main()
