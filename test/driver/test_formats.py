"""`qcc formats`: what --weights takes, and what it costs."""

import json


def test_lists_every_codec_with_its_bits(qcc):
    formats = {entry["codec"]: entry for entry in json.loads(qcc("formats", "--json").stdout)}
    integers = {f"{sign}int{bits}" for sign in ("", "u") for bits in range(2, 9)}
    floats = {"fp4_e2m1", "fp6_e2m3", "fp6_e3m2", "fp8_e4m3", "fp8_e5m2"}
    scaled = {"mxfp4", "mxfp6_e2m3", "mxfp6_e3m2", "mxfp8", "mxfp8_e5m2", "mxint8"}
    assert integers | floats | scaled | {"nf4", "sf4", "posit16"} == set(formats)
    assert formats["mxfp4"]["format"] == "mxfp4"
    assert formats["mxfp4"]["bits_per_value"] == 4.25
    assert formats["int4"]["format"] == "int4:g32"
    assert formats["int4"]["bits_per_value"] == 4.5
    assert formats["nf4"]["bits_per_value"] == 4.25
    assert 8 < formats["fp8_e4m3"]["bits_per_value"] < 8.3
    for entry in formats.values():
        assert {run["target"] for run in entry["runs"]} == {"cpu"}
        assert {run["activations"] for run in entry["runs"]} == {"f32", "int8:dynamic:token"}
        assert all(run.get("kernel") or run.get("why_not") for run in entry["runs"])


def test_prints_a_table_and_with_all_what_is_refused(qcc):
    short, full = qcc("formats").stdout, qcc("formats", "--all").stdout
    assert "int4:g32         4.500  4-bit integers, symmetric around zero" in short
    assert "sparsity is not built yet" in full
    assert "sparsity" not in short


def test_lists_with_all_what_is_refused(qcc):
    short, full = json.loads(qcc("formats", "--json").stdout), json.loads(qcc("formats", "--all", "--json").stdout)
    assert full[: len(short)] == short
    assert any("sparsity" in entry["why_refused"] for entry in full[len(short) :])
