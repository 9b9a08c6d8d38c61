"""Files that are no model, or none that is to be read whole."""

from __future__ import annotations

import os
import random
from pathlib import Path

from bad_models import CASES, WEIGHT, Case, case, graph, node, save
from onnx import TensorProto

OFFSET = r"byte \d+: "


# --- Bytes that are no model.


def digits() -> bytes:
    return (Path(__file__).parents[1] / "models/digits_f32.onnx").read_bytes()


# Where nothing but an empty prefix of fields was read, there is no graph: said without an offset, too.
for length in (1, 2, 10, 100, 1000, 20_000, len(digits()) - 1):
    case(OFFSET + r"|graph|conv|fc|weight|bias|node", name=f"truncated_at_{length}")(
        lambda folder, length=length: save(digits()[:length], folder)
    )


def flip(seed: int) -> bytes:
    generator = random.Random(seed)
    data = bytearray(digits())
    # The weights are most of the bytes, and any bits are a float: aim at what lies around them, too.
    limit = len(data) if seed % 2 else 600
    for _ in range(generator.choice([1, 1, 4])):
        start = generator.randrange(limit) if seed % 4 else len(data) - 1 - generator.randrange(500)
        data[start] ^= 1 << generator.randrange(8)
    return bytes(data)


for seed in range(100):
    build = lambda folder, seed=seed: save(flip(seed), folder)  # noqa: E731
    CASES.append(Case(f"bits_flipped_{seed}", build, "", may_be_valid=True, ask_onnx=True))


@case("the file is empty")
def empty_file(folder: Path) -> Path:
    return save(b"", folder)


@case(OFFSET)
def random_bytes(folder: Path) -> Path:
    return save(random.Random(1).randbytes(100_000), folder)


@case(OFFSET)
def text_file(folder: Path) -> Path:
    return save(b"#!/usr/bin/env python3\nprint('hello')\n" * 100, folder)


@case(OFFSET)
def zero_bytes(folder: Path) -> Path:
    return save(bytes(1000), folder)


@case(OFFSET)
def length_beyond_file(folder: Path) -> Path:
    # Field 7 (graph) of 2^60 bytes.
    return save(b"\x08\x08\x3a" + b"\x80" * 8 + b"\x10", folder)


@case("is not a regular file")
def folder_for_file(folder: Path) -> Path:
    path = folder / "model.onnx"
    path.mkdir()
    return path


@case("cannot be opened: No such file")
def no_file(folder: Path) -> Path:
    return folder / "model.onnx"


# --- Nesting. Written as bytes: protobuf itself refuses to make such a message.


def encode_varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def nest(levels: list[tuple[int, bytes]]) -> bytes:
    """Messages inside one another, outermost first: (field number of the child, other fields before it)."""
    size, heads = 0, []
    for field, before in reversed(levels):
        head = before + encode_varint(field << 3 | 2) + encode_varint(size)
        heads.append(head)
        size += len(head)
    return b"".join(reversed(heads))


IF = b"\x22\x02If\x1a\x08bad_node"  # NodeProto: op_type, name
BRANCH = b"\x0a\x0bthen_branch\xa0\x01\x05"  # AttributeProto: name, type GRAPH


@case(OFFSET + "messages are nested deeper than")
def nested_10000_graphs(folder: Path) -> Path:
    levels = [(7, b"\x08\x08")]  # ModelProto.graph
    for _ in range(10_000):
        levels += [(1, b"\x12\x01g"), (5, IF), (6, BRANCH)]  # GraphProto.node, NodeProto.attribute, AttributeProto.g
    return save(nest(levels), folder)


@case("input 'x' is a sequence")
def nested_10000_types(folder: Path) -> Path:
    # ModelProto.graph, GraphProto.input, ValueInfoProto.type, then TypeProto.sequence_type, Sequence.elem_type.
    levels = [(7, b"\x08\x08"), (11, b""), (2, b"\x0a\x01x")] + [(4, b""), (1, b"")] * 10_000
    return save(nest(levels), folder)


# --- Sparse files: a few bytes on the disk, and zeros without end.

ZEROS = 3 << 29


def end_in_zeros(fields: list[tuple[int, bytes]], folder: Path) -> Path:
    """A model whose last field, within messages given by field number and what stands before it, is of zeros alone."""
    size, head = ZEROS, b""
    for field, before in reversed(fields):
        head = before + encode_varint(field << 3 | 2) + encode_varint(size) + head
        size = ZEROS + len(head)
    path = save(head, folder)
    os.truncate(path, size)
    return path


@case(OFFSET + ".*larger than the importer accepts")
def name_of_a_gigabyte_of_zeros(folder: Path) -> Path:
    return end_in_zeros([(7, b"\x08\x08"), (2, b"")], folder)  # ModelProto.graph, GraphProto.name


@case(WEIGHT + ".*more than 4 numbers")
def data_of_a_gigabyte_of_zeros(folder: Path) -> Path:
    body = graph([node("Add", "x bad_weight", "y")]).SerializeToString()
    weight = TensorProto(name=WEIGHT, dims=[4], data_type=TensorProto.INT32).SerializeToString()
    # ModelProto.graph, GraphProto.initializer, TensorProto.int32_data.
    return end_in_zeros([(7, b"\x08\x08"), (5, body), (5, weight)], folder)
