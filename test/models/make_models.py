#!/usr/bin/env python3
"""Makes the models that are too large for the repository: see light_models.py and quantized_models.py.

make_models.py --out build/models                all that need no PyTorch
make_models.py --out build/models resnet50       some
make_models.py --list
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import time
from pathlib import Path

import light_models
import numpy as np
import quantized_models

PPOCR = {
    "ppocr_det": "ch_PP-OCRv4_det_infer.onnx",
    "ppocr_rec": "ch_PP-OCRv4_rec_infer.onnx",
    "ppocr_cls": "ch_ppocr_mobile_v2.0_cls_infer.onnx",
}


def copy_ppocr(name: str, out: Path) -> Path:
    # Not imported: the package would pull OpenCV, and its files are all we want.
    spec = importlib.util.find_spec("rapidocr_onnxruntime")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "package rapidocr-onnxruntime is not installed (see requirements.txt beside this script)"
        )
    path = out / f"{name}.onnx"
    shutil.copyfile(Path(spec.submodule_search_locations[0]) / "models" / PPOCR[name], path)
    return path


def quantize_resnet50(style: str, out: Path) -> Path:
    source = out / "resnet50.onnx"
    if not source.exists():
        light_models.make("resnet50", out)
    random = np.random.default_rng(1)
    batches = [{"gpu_0/data_0": random.standard_normal((1, 3, 224, 224), np.float32)} for _ in range(4)]
    path = out / f"resnet50_{style}.onnx"
    quantized_models.quantize(source, path, style, batches)
    return path


MAKERS = {
    **{name: lambda out, name=name: copy_ppocr(name, out) for name in PPOCR},
    **{name: lambda out, name=name: light_models.make(name, out) for name in light_models.NAMES},
    **{f"resnet50_{s}": lambda out, s=s: quantize_resnet50(s, out) for s in quantized_models.STYLES},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--force", action="store_true", help="also those that exist")
    args = parser.parse_args()
    if args.list:
        print("\n".join(MAKERS))
        return 0
    if not args.out:
        parser.error("name --out DIR")
    unknown = [name for name in args.names if name not in MAKERS]
    if unknown:
        parser.error(f"no model {', '.join(unknown)}; known: {', '.join(MAKERS)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or MAKERS:
        path = args.out / f"{name}.onnx"
        if path.exists() and not args.force:
            continue
        start = time.monotonic()
        MAKERS[name](args.out)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB in {time.monotonic() - start:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
