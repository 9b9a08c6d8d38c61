"""Models whose weights are not what they say."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
from bad_models import FLOAT, NODE, WEIGHT, add_weight, case, model, model_case, node, raw_tensor, save, value
from onnx import TensorProto, helper, numpy_helper

HUGE = 10**12


# --- Tensors that are not what they say.


@model_case(WEIGHT)
def raw_data_too_short():
    return add_weight(raw_tensor([4], bytes(12)))


@model_case(WEIGHT)
def raw_data_too_long():
    return add_weight(raw_tensor([4], bytes(20)))


@model_case(WEIGHT)
def raw_data_missing():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT))


@model_case(WEIGHT)
def raw_data_of_a_part_of_an_element():
    return add_weight(raw_tensor([4], bytes(15)))


@model_case(WEIGHT)
def float_data_too_short():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, float_data=[1, 2, 3]))


@model_case(WEIGHT)
def float_data_and_raw_data():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, float_data=[1] * 4, raw_data=bytes(16)))


@model_case(WEIGHT)
def data_of_another_type():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, int64_data=[1] * 4))


@model_case(WEIGHT)
def int4_data_too_short():
    weight = raw_tensor([5], bytes(2), TensorProto.INT4)
    scale = numpy_helper.from_array(np.float32(1), "scale")
    return model(
        [node("DequantizeLinear", "bad_weight scale", "y")],
        [weight, scale],
        inputs=[],
        outputs=[value("y", [5])],
        opset=21,
    )


@model_case(WEIGHT)
def element_count_overflows_64_bits():
    return add_weight(raw_tensor([1 << 40, 1 << 40], bytes(16)))


@model_case(WEIGHT)
def element_count_overflows_to_4():
    return add_weight(raw_tensor([1 << 62, 4, 1, 1], bytes(16)))


@model_case(WEIGHT)
def byte_count_overflows_to_16():
    return add_weight(raw_tensor([(1 << 62) + 4], bytes(16)))


@model_case(WEIGHT)
def extent_negative():
    return add_weight(raw_tensor([-4], bytes(16)))


@model_case(WEIGHT)
def extents_negative_with_positive_product():
    return add_weight(raw_tensor([-2, -2], bytes(16)))


@model_case(WEIGHT)
def extent_1e12_of_initializer():
    return add_weight(raw_tensor([HUGE], bytes(16)))


@model_case(WEIGHT)
def element_type_undefined():
    return add_weight(raw_tensor([4], bytes(16), 0))


@model_case(WEIGHT)
def element_type_unknown():
    return add_weight(raw_tensor([4], bytes(16), 99))


@model_case(WEIGHT)
def rank_of_100000():
    return add_weight(raw_tensor([1] * 100_000, bytes(4)))


# --- Scales and zero points.


def array(name: str, type_, values) -> TensorProto:
    return numpy_helper.from_array(np.array(values, type_), name)


def dequantize(codes, scale: TensorProto, zero: TensorProto, **attributes) -> onnx.ModelProto:
    body = [node("DequantizeLinear", "codes scale zero", "y", **attributes)]
    return model(body, [array("codes", *codes), scale, zero], inputs=[], outputs=[value("y", None)], opset=21)


@model_case(NODE + ".*scales of 'i64'")
def dequantize_by_integer_scales():
    return dequantize((np.uint8, [1, 2]), array("scale", np.int64, 2), array("zero", np.uint8, 0))


@model_case(NODE + ".*zero points of 'i8' for codes of 'ui8'")
def dequantize_by_zero_points_of_another_type():
    return dequantize((np.uint8, [1, 2]), array("scale", np.float32, 2), array("zero", np.int8, -3))


@model_case(NODE + ".*zero point -3 is not among")
def convolution_by_zero_points_of_another_type():
    weights = [array("s", np.float32, 1), array("z", np.int8, -3), array("w", np.uint8, [[[[1]]]])]
    body = [node("QLinearConv", "x s z w s z s z", "y")]
    shape = [1, 1, 2, 2]
    codes = TensorProto.UINT8
    return model(body, weights, inputs=[value("x", shape, codes)], outputs=[value("y", shape, codes)])


@model_case(NODE + ".*zero points of 'tensor<3xi4>' for scales of 'tensor<f32>'")
def more_zero_points_than_scales():
    zero = helper.make_tensor("zero", TensorProto.INT4, [3], [1, 2, 3])
    inputs = [value("codes", [2, 3], TensorProto.INT4)]
    body = [node("DequantizeLinear", "codes scale zero", "y")]
    return model(body, [array("scale", np.float32, 2), zero], inputs=inputs, outputs=[value("y", None)], opset=21)


@model_case(NODE + ".*zero points of 'tensor<3xi4>' for scales of 'tensor<f32>'")
def more_zero_points_than_a_scalar_has_axes():
    zero = helper.make_tensor("zero", TensorProto.INT4, [3], [1, 2, 3])
    body = [node("QuantizeLinear", "x scale zero", "y")]
    inputs = [value("x", [])]
    return model(body, [array("scale", np.float32, 2), zero], inputs=inputs, outputs=[value("y", None, 22)], opset=21)


@model_case(NODE + ".*scales of 'tensor<3x5xf32>' for values of 'tensor<3x4xf32>', which need 'tensor<3x2xf32>'")
def more_scales_than_blocks():
    body = [node("QuantizeLinear", "x scale", "y", block_size=2)]
    scale = array("scale", np.float32, np.ones((3, 5)))
    return model(body, [scale], inputs=[value("x", [3, 4])], outputs=[value("y", [3, 4], 2)], opset=21)


@model_case(NODE + ".*scales of 'tensor<2x2xf32>' for values of 'tensor<3x4xf32>', which need 'tensor<3x2xf32>'")
def fewer_scales_than_rows_of_blocks():
    body = [node("QuantizeLinear", "x scale", "y", block_size=2)]
    scale = array("scale", np.float32, np.ones((2, 2)))
    return model(body, [scale], inputs=[value("x", [3, 4])], outputs=[value("y", [3, 4], 2)], opset=21)


# --- External data.


def external(folder: Path, location: str, offset: int | None = None, length: int | None = 16) -> Path:
    weight = TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, data_location=TensorProto.EXTERNAL)
    for key, entry in (("location", location), ("offset", offset), ("length", length)):
        if entry is not None:
            weight.external_data.add(key=key, value=str(entry))
    inner = folder / "inner"
    inner.mkdir()
    return save(add_weight(weight), inner)


def write_data(path: Path) -> Path:
    path.write_bytes(np.arange(4, dtype=np.float32).tobytes())
    return path


@case(WEIGHT)
def external_data_in_parent(folder: Path) -> Path:
    write_data(folder / "data.bin")
    return external(folder, "../data.bin")


@case(WEIGHT)
def external_data_in_parent_by_detour(folder: Path) -> Path:
    write_data(folder / "data.bin")
    path = external(folder, "sub/../../data.bin")
    (path.parent / "sub").mkdir()
    return path


@case(WEIGHT)
def external_data_absolute(folder: Path) -> Path:
    return external(folder, str(write_data(folder / "data.bin")))


@case(WEIGHT)
def external_data_by_symlink(folder: Path) -> Path:
    path = external(folder, "link.bin")
    (path.parent / "link.bin").symlink_to(write_data(folder / "data.bin"))
    return path


@case(WEIGHT)
def external_data_by_symlinked_folder(folder: Path) -> Path:
    (folder / "other").mkdir()
    write_data(folder / "other/data.bin")
    path = external(folder, "link/data.bin")
    (path.parent / "link").symlink_to(folder / "other")
    return path


@case(WEIGHT)
def external_data_by_hard_link(folder: Path) -> Path:
    path = external(folder, "link.bin")
    os.link(write_data(folder / "data.bin"), path.parent / "link.bin")
    return path


@case(WEIGHT)
def external_data_absent(folder: Path) -> Path:
    return external(folder, "nowhere.bin")


@case(WEIGHT)
def external_data_too_short(folder: Path) -> Path:
    path = external(folder, "data.bin")
    (path.parent / "data.bin").write_bytes(bytes(15))
    return path


@case(WEIGHT)
def external_data_too_short_by_offset(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=4)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_overflows(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=(1 << 64) - 16)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_negative(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=-16)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_no_number(folder: Path) -> Path:
    path = external(folder, "data.bin", length=None)
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].external_data.add(key="offset", value="sixteen")
    write_data(path.parent / "data.bin")
    return save(made, path.parent)


@case(WEIGHT)
def external_length_differs_from_shape(folder: Path) -> Path:
    path = external(folder, "data.bin", length=12)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_data_without_location(folder: Path) -> Path:
    path = external(folder, "")
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].ClearField("external_data")
    return save(made, path.parent)


@case(WEIGHT)
def external_data_is_a_folder(folder: Path) -> Path:
    path = external(folder, "data.bin")
    (path.parent / "data.bin").mkdir()
    return path


@case(WEIGHT)
def external_data_is_a_pipe(folder: Path) -> Path:
    path = external(folder, "data.bin")
    os.mkfifo(path.parent / "data.bin")  # whoever opens it to read waits for a writer
    return path


@case(WEIGHT)
def external_data_of_device(folder: Path) -> Path:
    return external(folder, "/dev/zero")
