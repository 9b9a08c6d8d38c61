#!/usr/bin/env python3
"""Writes the table of ONNX's operators, Schemas.inc, from the onnx package: what a node of each version may look like.

make_schemas.py OUT
"""

import sys
from pathlib import Path

import onnx.defs

# Deprecated from the start, for a flaw that the next version mends; yet they mean something, and exporters wrote them.
VALID = {("GroupNormalization", 18)}


def describe(schema: onnx.defs.OpSchema) -> str:
    attributes = " ".join(("!" if a.required else "") + a.name for a in schema.attributes.values())
    counts = [schema.min_input, schema.max_input, schema.min_output, schema.max_output]
    numbers = ", ".join(str(count) for count in counts)
    is_removed = schema.deprecated and (schema.name, schema.since_version) not in VALID
    return f'{{"{schema.name}", {schema.since_version}, {int(is_removed)}, {numbers}, "{attributes}"}},'


def main() -> None:
    schemas = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain == ""]
    schemas.sort(key=lambda schema: (schema.name, schema.since_version))
    Path(sys.argv[1]).write_text("\n".join(map(describe, schemas)) + "\n")


if __name__ == "__main__":
    main()
