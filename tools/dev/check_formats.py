#!/usr/bin/env python3
"""Checks that nobody but its owner knows which scaling, layout or codec a format has.

check_formats.py ROOT           every source file of the compiler and of the targets in test/
check_formats.py --self-test    the rules below, on examples

Attributes of scalings and layouts (dialects/QNN/IR/Format.td) are named in dialects/QNN/IR only: all others ask the
interfaces Scaling and Layout. Those who make formats, importers and lib/Compress, may name what they make (::get).
A codec is named, as a word of a string literal, in lib/Formats and lib/Import only: all others ask the Codec.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TOPS = ("dialects", "include", "lib", "tools", "test/lib/Target/Toy")
ENDINGS = {".c", ".cpp", ".h"}

ATTRIBUTE_DEFINITION = re.compile(r"\bdef QNN_(\w+(?:Scaling|Layout)Attr)\b")
CODEC_DEFINITION = re.compile(r'(?:\bCodec|<(?:Levels|Minifloat)>)\(\s*"(\w+)"')
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (1, 2, 3, 4, 5, 6, 7, 8, 16, 32)]

ATTRIBUTE_OWNERS = r"dialects/QNN/IR/.*|test/lib/Target/Toy/\w*Test\.cpp"
ATTRIBUTE_MAKERS = r"lib/(Import|Compress)/.*"
CODEC_OWNERS = r"lib/(Formats|Import)/.*|test/.*"
# Other files that name codecs: (path, why).
CODEC_EXCEPTIONS = [
    (r"include/qcc/CAPI/Compiler\.h", "an example of an option, in a comment"),
    (r"lib/Target/CPU/Kernels/TuningProblems\.cpp", "what is measured, written as IR"),
]

COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')


def blank_comments(text: str) -> str:
    """`text` with as many lines, but nothing in its comments."""
    return COMMENT.sub(lambda match: match[1] or "\n" * match[0].count("\n"), text)


class Rules:
    def __init__(self, attributes: list[str], codecs: list[str]) -> None:
        names = "|".join(sorted(attributes))
        self.attribute = re.compile(rf"\b(?:{names})\b(::get(?:Checked)?\b)?")
        self.codec = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(codecs))})(?![\w-])")

    def find_problems(self, path: str, text: str) -> Iterator[tuple[int, str]]:
        """Line and sentence of each name that stands where it must not."""
        text = blank_comments(text)

        def locate(offset: int) -> int:
            return text.count("\n", 0, offset) + 1

        if not re.fullmatch(ATTRIBUTE_OWNERS, path):
            for match in self.attribute.finditer(text):
                if not (match[1] and re.fullmatch(ATTRIBUTE_MAKERS, path)):
                    name = match[0].removesuffix(match[1] or "")
                    yield locate(match.start()), f"names {name}; ask the Scaling, the Layout or the FormatAttr instead"
        if re.fullmatch(CODEC_OWNERS, path) or any(re.fullmatch(file, path) for file, _ in CODEC_EXCEPTIONS):
            return
        for literal in LITERAL.finditer(text):
            if match := self.codec.search(literal[0]):
                yield locate(literal.start()), f"names the codec '{match[0]}'; ask the Codec for what matters instead"


def read_rules(root: Path) -> Rules:
    attributes = ATTRIBUTE_DEFINITION.findall((root / "dialects/QNN/IR/Format.td").read_text())
    sources = sorted((root / "lib/Formats").rglob("*.cpp"))
    codecs = [name for source in sources for name in CODEC_DEFINITION.findall(source.read_text())]
    if not attributes or not codecs:
        sys.exit("finds no scalings and layouts in Format.td, or no codecs in lib/Formats: this check is out of date")
    return Rules(attributes, codecs + INTEGERS)


def check_tree(root: Path) -> int:
    rules = read_rules(root)
    count = 0
    for file in sorted(file for top in TOPS for file in (root / top).rglob("*") if file.suffix in ENDINGS):
        path = file.relative_to(root).as_posix()
        for line, problem in rules.find_problems(path, file.read_text()):
            print(f"{path}:{line}: {problem}")
            count += 1
    return count != 0


REFUSED = [
    ("lib/Target/CPU/P.cpp", "auto axis = dyn_cast<qnn::AxisScalingAttr>(scaling);"),
    ("lib/Target/CPU/P.cpp", "if (isa<NoScalingAttr,\n        TensorScalingAttr>(scaling))"),
    ("dialects/QNN/Transforms/T.cpp", ".Case([](DenseLayoutAttr) { return true; })"),
    ("dialects/QNN/Transforms/T.cpp", "scaling = BlockScalingAttr::get(context, block, type, zero);"),
    ("lib/Compress/Quantize/Q.cpp", "isa<TensorScalingAttr>(scaling)"),
    ("lib/Import/ONNX/Q.cpp", "auto axis = cast<qnn::AxisScalingAttr>(scaling);"),
    ("test/lib/Target/Toy/Emit.cpp", "isa<qnn::TensorScalingAttr>(scaling)"),
    ("lib/Target/CPU/P.cpp", 'codec.getName() == "nf4"'),
    ("lib/Target/CPU/P.cpp", '/* why */ bool isByte = name != "uint8"; // or int8'),
    ("lib/Driver/D.cpp", '"for example int4:g32"'),
]
ALLOWED = [
    ("dialects/QNN/IR/Format.cpp", "dyn_cast<AxisScalingAttr>(scaling)"),
    ("lib/Import/ONNX/Q.cpp", "qnn::AxisScalingAttr::getChecked(emitError, context, axis)"),
    ("lib/Compress/Quantize/F.cpp", "qnn::BlockScalingAttr::get(context, block, type, zero)"),
    ("lib/Import/ONNX/Q.cpp", 'return "int8";'),
    ("lib/Formats/NF4.cpp", 'NF4() : Codec("nf4", 4) {}'),
    ("lib/Target/CPU/P.cpp", "// As isa<AxisScalingAttr> would say of int8."),
    ("lib/Target/CPU/P.cpp", 'emit("int8_t x; f32_int8"); // "int8"'),
    ("lib/Target/CPU/P.cpp", "uint8_t *bytes; enum { int8 };"),
]


def self_test() -> int:
    attributes = ["NoScalingAttr", "TensorScalingAttr", "AxisScalingAttr", "BlockScalingAttr", "DenseLayoutAttr"]
    rules = Rules(attributes, ["nf4", *INTEGERS])
    wrong = [f"{p}: {s}: not refused" for p, s in REFUSED if not list(rules.find_problems(p, s))]
    wrong += [f"{p}: {s}: refused: {found}" for p, s in ALLOWED if (found := list(rules.find_problems(p, s)))]
    if [line for line, _ in rules.find_problems("lib/P.cpp", '/* a\nb */\nx = "nf4";')] != [3]:
        wrong.append("a name behind a comment of two lines is not found in line 3")
    print("\n".join(wrong) or f"{len(REFUSED) + len(ALLOWED) + 1} examples hold")
    return bool(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, nargs="?")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if not args.self_test and not args.root:
        parser.error("name ROOT or --self-test")
    return self_test() if args.self_test else check_tree(args.root)


if __name__ == "__main__":
    sys.exit(main())
