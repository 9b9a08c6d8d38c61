// qcc's C interface for Python. Arrays cross by DLPack, without copies; types
// that NumPy lacks cross as integers of their width, which __init__.py views as
// what they are.

#include "qcc/CAPI/Compiler.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace nb = nanobind;
using namespace nb::literals;

namespace {

struct QccError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The warnings of a compilation that succeeded.
std::string takeWarnings(qcc_error *error) {
  std::string message = error ? error->message : "";
  qcc_free_error(error);
  return message;
}

/// Turns a failed call into an exception.
void check(int32_t status, qcc_error *error) {
  if (status == 0)
    return;
  std::string message = error ? error->message : "no message";
  qcc_free_error(error);
  throw QccError(message);
}

std::vector<const char *> getPointers(const std::vector<std::string> &options) {
  std::vector<const char *> pointers;
  for (const std::string &option : options)
    pointers.push_back(option.c_str());
  return pointers;
}

std::string compileFile(const std::string &model, const std::string &output,
                        const std::vector<std::string> &options) {
  qcc_error *error = nullptr;
  auto pointers = getPointers(options);
  int32_t status;
  {
    nb::gil_scoped_release release;
    status = qcc_compile_file(model.c_str(), output.c_str(), pointers.data(),
                              int32_t(pointers.size()), &error);
  }
  check(status, error);
  return takeWarnings(error);
}

std::string compileBytes(nb::bytes model, const std::string &name,
                         const std::string &output,
                         const std::vector<std::string> &options) {
  qcc_error *error = nullptr;
  auto pointers = getPointers(options);
  int32_t status;
  {
    nb::gil_scoped_release release;
    status = qcc_compile_bytes(model.data(), model.size(), name.c_str(),
                               output.c_str(), pointers.data(),
                               int32_t(pointers.size()), &error);
  }
  check(status, error);
  return takeWarnings(error);
}

using Array = nb::ndarray<nb::ro, nb::device::cpu>;

struct FreeTensor {
  void operator()(DLManagedTensorVersioned *tensor) const {
    tensor->deleter(tensor);
  }
};

/// An output's memory, of which NumPy makes an array through the buffer
/// protocol. The model stays loaded as long, because its code frees the memory.
struct Memory {
  std::shared_ptr<qcc_loaded> model;
  std::unique_ptr<DLManagedTensorVersioned, FreeTensor> tensor;

  static int getBuffer(PyObject *self, Py_buffer *view, int flags) {
    const DLTensor &tensor = nb::inst_ptr<Memory>(self)->tensor->dl_tensor;
    // Narrow elements take a byte each.
    int64_t bytes = (tensor.dtype.bits + 7) / 8;
    for (int32_t axis = 0; axis < tensor.ndim; ++axis)
      bytes *= tensor.shape[axis];
    char *data = static_cast<char *>(tensor.data) + tensor.byte_offset;
    return PyBuffer_FillInfo(view, self, data, bytes, /*readonly=*/0, flags);
  }
};

PyType_Slot memorySlots[] = {
    {Py_bf_getbuffer, reinterpret_cast<void *>(&Memory::getBuffer)}, {}};

class Loaded {
public:
  /// `makeDtype`, called with DLPack's code and bits, returns a NumPy dtype.
  /// Messages call the model `name`.
  Loaded(const std::string &path, const std::string &name, int threads,
         nb::callable makeDtype);

  nb::list getInputs() const {
    return list(describe().inputs, describe().num_inputs);
  }
  nb::list getOutputs() const {
    return list(describe().outputs, describe().num_outputs);
  }

  /// `carry`, called with an input's number and what is given for it, returns
  /// an array that DLPack can describe, or raises an error. It is not kept: it
  /// refers to who owns this.
  nb::list run(nb::tuple arrays, nb::callable carry) const;

private:
  const qcc_description &describe() const { return *qcc_describe(model.get()); }
  /// (name, dtype, extents) of each.
  nb::list list(const qcc_tensor_info *infos, int32_t count) const;
  Array take(nb::handle given, int32_t input, nb::callable &carry) const;
  DLTensor view(const Array &array, int32_t input) const;
  nb::object wrap(DLManagedTensorVersioned *tensor, nb::handle dtype) const;

  std::shared_ptr<qcc_loaded> model;
  nb::callable makeDtype;
  nb::object numpyArray; ///< numpy.ndarray
  std::vector<nb::object> outputDtypes;
};

Loaded::Loaded(const std::string &path, const std::string &name, int threads,
               nb::callable makeDtype)
    : makeDtype(std::move(makeDtype)),
      numpyArray(nb::module_::import_("numpy").attr("ndarray")) {
  qcc_loaded *loaded = nullptr;
  qcc_error *error = nullptr;
  check(qcc_load_as(path.c_str(), name.c_str(), threads, &loaded, &error),
        error);
  model.reset(loaded, qcc_unload);
  for (nb::handle output : getOutputs())
    outputDtypes.push_back(nb::borrow(output[1]));
}

nb::list Loaded::list(const qcc_tensor_info *infos, int32_t count) const {
  nb::list result;
  for (int32_t i = 0; i < count; ++i) {
    const qcc_tensor_info &info = infos[i];
    nb::list extents;
    for (int32_t axis = 0; axis < info.rank; ++axis) {
      const qcc_dim &dim = info.dims[axis];
      if (dim.extent >= 0)
        extents.append(dim.extent);
      else if (dim.symbol)
        extents.append(nb::str(dim.symbol));
      else
        extents.append(nb::none());
    }
    nb::object dtype = makeDtype(int(info.dtype.code), int(info.dtype.bits));
    result.append(
        nb::make_tuple(nb::str(info.name), dtype, nb::tuple(extents)));
  }
  return result;
}

/// The type that NumPy can hold in place of `type`.
DLDataType getCarrier(DLDataType type) {
  bool isNumPys = type.code == kDLInt || type.code == kDLUInt ||
                  type.code == kDLFloat || type.code == kDLBool;
  if (isNumPys && type.bits >= 8)
    return type;
  // Narrow elements take a byte each.
  return {uint8_t(kDLUInt), std::max<uint8_t>(type.bits, 8), 1};
}

bool isSameType(nb::dlpack::dtype a, DLDataType b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

/// A NumPy array of the model's own type, the usual case, is taken as it is.
Array Loaded::take(nb::handle given, int32_t input, nb::callable &carry) const {
  Array array;
  if (given.type().is(numpyArray) && nb::try_cast(given, array) &&
      isSameType(array.dtype(), describe().inputs[input].dtype))
    return array;
  if (!nb::try_cast(carry(input, given), array))
    throw QccError("input '" + std::string(describe().inputs[input].name) +
                   "' cannot be read through DLPack: pass a NumPy array, or a "
                   "tensor in the CPU's memory");
  return array;
}

/// The array in DLPack's words, valid as long as the array. Types that NumPy
/// lacks were carried as integers of their width.
DLTensor Loaded::view(const Array &array, int32_t input) const {
  nb::dlpack::dtype given = array.dtype();
  DLDataType wanted = describe().inputs[input].dtype;
  DLTensor tensor = {};
  tensor.data = const_cast<void *>(array.data());
  tensor.device = {kDLCPU, 0};
  tensor.ndim = int32_t(array.ndim());
  tensor.dtype = isSameType(given, getCarrier(wanted))
                     ? wanted
                     : DLDataType{given.code, given.bits, given.lanes};
  tensor.shape = const_cast<int64_t *>(array.shape_ptr());
  tensor.strides = const_cast<int64_t *>(array.stride_ptr());
  return tensor;
}

nb::object Loaded::wrap(DLManagedTensorVersioned *tensor,
                        nb::handle dtype) const {
  nb::object memory = nb::cast(Memory{
      model, std::unique_ptr<DLManagedTensorVersioned, FreeTensor>(tensor)});
  const DLTensor &view = tensor->dl_tensor;
  auto extents = nb::steal<nb::tuple>(PyTuple_New(view.ndim));
  for (int32_t axis = 0; axis < view.ndim; ++axis)
    PyTuple_SET_ITEM(extents.ptr(), axis,
                     PyLong_FromLongLong(view.shape[axis]));
  return numpyArray(extents, dtype, memory);
}

nb::list Loaded::run(nb::tuple arrays, nb::callable carry) const {
  const qcc_description &description = describe();
  if (int32_t(arrays.size()) != description.num_inputs)
    throw QccError("the model takes " + std::to_string(description.num_inputs) +
                   " inputs, not " + std::to_string(arrays.size()));
  std::vector<Array> taken(arrays.size());
  std::vector<DLTensor> views(arrays.size());
  std::vector<const DLTensor *> inputs;
  for (int32_t i = 0; i < description.num_inputs; ++i) {
    taken[i] = take(arrays[i], i, carry);
    views[i] = view(taken[i], i);
    inputs.push_back(&views[i]);
  }
  std::vector<DLManagedTensorVersioned *> outputs(description.num_outputs);
  qcc_error *error = nullptr;
  int32_t status;
  {
    nb::gil_scoped_release release;
    status = qcc_run(model.get(), inputs.data(), outputs.data(), &error);
  }
  check(status, error);
  nb::list results;
  for (int32_t i = 0; i < description.num_outputs; ++i)
    results.append(wrap(outputs[i], outputDtypes[i]));
  return results;
}

} // namespace

NB_MODULE(_qcc, m) {
  nb::exception<QccError>(m, "Error");
  m.attr("version") = qcc_version();
  m.def("compile_file", &compileFile, "model"_a, "output"_a, "options"_a);
  m.def("compile_bytes", &compileBytes, "model"_a, "name"_a, "output"_a,
        "options"_a);
  nb::class_<Memory>(m, "Memory", nb::type_slots(memorySlots));
  nb::class_<Loaded>(m, "Loaded")
      .def(nb::init<const std::string &, const std::string &, int,
                    nb::callable>(),
           "path"_a, "name"_a, "threads"_a, "make_dtype"_a)
      .def_prop_ro("inputs", &Loaded::getInputs)
      .def_prop_ro("outputs", &Loaded::getOutputs)
      .def("run", &Loaded::run, "arrays"_a, "carry"_a);
}
