"""Where setup.sh looks for Debian's security suite: beside the mirrors in apt's sources, and nowhere else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parents[2] / "tools/dev/setup.sh"

SOURCES = {
    "one line": ("a.list", "deb [trusted=yes] http://mirror.example/debian bookworm main\n", ["mirror.example/debian"]),
    "deb822": (
        "a.sources",
        "Types: deb deb-src\nURIs: https://mirror.example/pub/debian/\nSuites: bookworm\nComponents: main\n",
        ["mirror.example/pub/debian"],
    ),
    "snapshot": (
        "a.list",
        "deb http://snapshot.example/archive/debian/20260101T000000Z/ bookworm main\n",
        ["snapshot.example/archive/debian/20260101T000000Z"],
    ),
    "several": (
        "a.list",
        "deb http://a.example/debian bookworm main\ndeb http://b.example/debian bookworm main contrib\n"
        "deb http://b.example/debian bookworm-updates main\n",
        ["a.example/debian", "b.example/debian"],
    ),
    "other": (
        "a.list",
        "deb http://c.example/debian-backports bookworm main\ndeb http://c.example/apt stable main\n",
        [],
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_security_mirrors(tmp_path, name):
    file, text, mirrors = SOURCES[name]
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (parts / file).write_text(text)
    config = tmp_path / "apt.conf"
    lists = tmp_path / "lists"
    (lists / "partial").mkdir(parents=True)
    config.write_text(
        f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{parts}";\nDir::State::lists "{lists}";\n'
    )

    def run(*command: str | Path) -> list[str]:
        environment = {**os.environ, "APT_CONFIG": str(config)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    # apt tells of what it has downloaded.
    for line in run("apt-get", "update", "--print-uris"):
        if (name := line.split()[1]).endswith("_Packages"):
            (lists / name).touch()
    found = [line.split("://")[1] for line in run(SETUP, "mirrors")]
    assert found == [mirror.replace("/debian", "/debian-security") for mirror in mirrors]
