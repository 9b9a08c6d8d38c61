"""What arguments of qcc.compile() are called by the compiler, and what its messages say of them in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qcc._qcc import Error

# Arguments whose options have another name.
_OPTIONS = {"output": "-o", "opt_level": "-O", "jobs": "-j", "shapes": "--shape"}
_ARGUMENTS = {option: argument for argument, option in _OPTIONS.items()}


def make_options(arguments: Mapping[str, object]) -> list[str]:
    """The options of `qcc compile` that say the same."""
    if "shape" in arguments:
        raise Error("argument 'shape': it is 'shapes', the extents of inputs by their names: {'x': (1, 3, None, None)}")
    if "emit" in arguments:
        raise Error("argument 'emit': qcc.compile() loads what it compiles; the command 'qcc compile --emit' prints IR")
    words = []
    for name, value in arguments.items():
        option = _OPTIONS.get(name, f"--{name.replace('_', '-')}")
        if name == "shapes":
            if not isinstance(value, Mapping):
                raise Error("argument 'shapes' needs the extents of inputs by their names: {'x': (1, 3, None, None)}")
            for tensor, shape in value.items():
                extents = "x".join("?" if extent is None else str(extent) for extent in shape)
                words.append(f"{option}={tensor}={extents}")
        elif not option.startswith("--"):
            words.append(f"{option}{value}")
        elif value is True:
            words.append(option)
        elif isinstance(value, list | tuple):  # of an option that repeats
            words += [f"{option}={each}" for each in value]
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words


_OPTION = r"--[a-z][a-z-]*|-[Ooj]"
# Commands stay as they are. An option may be quoted, and then so is its value.
_SPELLING = re.compile(
    r"`qcc [^`]*`|'qcc [^']*'"
    r"|(?<![\w'-])--shape (?P<tensor>\S+)=\.\.\."
    rf"|(?P<what>\boption )?'(?P<quoted>{_OPTION})(?P<value>=[^']*|(?<=-[Oj])\d+)?'"
    # Of one letter only behind that word: a path may hold such a letter, too.
    rf"|(?<![\w'-])(?P<plain>--[a-z][a-z-]*|(?<=\boption )-[Ooj])(?![\w-])(?P<rest>=[^\s']*[^\s',;:.)])?"
)


def _spell_argument(found: re.Match) -> str:
    if found["tensor"]:
        return f"shapes={{'{found['tensor']}': (...)}}"
    option = found["quoted"] or found["plain"]
    if not option:
        return found[0]
    name = _ARGUMENTS.get(option, option.removeprefix("--").replace("-", "_"))
    value = found["value"] or found["rest"] or ""
    return (
        f"{'argument ' if found['what'] else ''}'{name}{value if value.startswith('=') or not value else '=' + value}'"
    )


def translate(message: str) -> str:
    """What the compiler says, with its options called as the arguments are."""
    return _SPELLING.sub(_spell_argument, message)
