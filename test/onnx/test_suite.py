"""ONNX's backend test-suite, interpreted and compiled. exclusions.txt lists what qcc refuses, each with its reason."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
import suite

BUILD = Path(os.environ.get("QCC_BUILD", Path(__file__).parents[2] / "build")).resolve()
OUT = BUILD / "onnx-suite"
TESTS = suite.prepare(OUT)
EXCLUSIONS = suite.read_exclusions(Path(__file__).parent / "exclusions.txt")


def run_and_save(mode: str) -> dict[str, suite.Result]:
    results = suite.run(BUILD, OUT, TESTS, mode, jobs=1)
    report = BUILD / "test-results" / f"onnx-{mode}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps([asdict(result) for result in results.values()], indent=0))
    return results


# One mode is one group: a worker runs it as a whole, once, while another worker has the other.
@pytest.fixture(scope="session")
def interpreted() -> dict[str, suite.Result]:
    return run_and_save("interpreted")


@pytest.fixture(scope="session")
def compiled() -> dict[str, suite.Result]:
    return run_and_save("compiled")


def check(test: suite.Test, results: dict[str, suite.Result], mode: str) -> None:
    problem = suite.find_problem(test, results[test.name], mode, EXCLUSIONS)
    if problem:
        pytest.fail(problem, pytrace=False)


@pytest.mark.xdist_group("onnx-interpreted")
@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_interpreted(test, interpreted):
    check(test, interpreted, "interpreted")


@pytest.mark.xdist_group("onnx-compiled")
@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_compiled(test, compiled):
    check(test, compiled, "compiled")


@pytest.mark.xdist_group("onnx-interpreted")
def test_pass_rate_interpreted(interpreted):
    assert count_passes(interpreted) >= 0.7


@pytest.mark.xdist_group("onnx-compiled")
def test_pass_rate_compiled(compiled):
    assert count_passes(compiled) >= 0.7


def count_passes(results: dict[str, suite.Result]) -> float:
    nodes = [results[test.name] for test in TESTS if test.kind == "node"]
    return sum(result.outcome == "pass" for result in nodes) / len(nodes)


@pytest.mark.parametrize(
    ("reason", "message", "is_problem"),
    [
        ("Det is not imported", "node 'd' (Det): qcc has no operator 'Det'", False),
        ("Det is not imported", "the file cannot be read", True),
        ("Det is not imported", "the model uses ONNX's operator set 6", True),
        ("ONNX operator set 6", "the model uses ONNX's operator set 6", False),
        ("Det is not imported", "no Detail is known", True),
    ],
)
def test_a_refusal_must_say_what_it_is_about(reason, message, is_problem):
    test = suite.Test("test_Det", "node", ["Det"], 0, 0, "node/test_Det/model.onnx", [])
    result = suite.Result("test_Det", "refused", f"qcc: error: /tmp/suite/node/test_Det/model.onnx: {message}")
    exclusion = suite.Exclusion("test_Det", "both", reason, 1)
    assert (suite.find_problem(test, result, "interpreted", [exclusion]) is not None) == is_problem


@pytest.mark.parametrize("exclusion", EXCLUSIONS, ids=lambda exclusion: exclusion.pattern)
def test_exclusion_matches_a_test(exclusion):
    assert any(exclusion.covers(test.name, mode) for test in TESTS for mode in suite.MODES)
