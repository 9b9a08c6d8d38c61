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

class Loaded {
public:
  Loaded(const std::string &path, int threads) {
    qcc_loaded *loaded = nullptr;
    qcc_error *error = nullptr;
    check(qcc_load(path.c_str(), threads, &loaded, &error), error);
    model.reset(loaded, qcc_unload);
  }

  const qcc_description &describe() const { return *qcc_describe(model.get()); }

  nb::list getInputs() const {
    return list(describe().inputs, describe().num_inputs);
  }
  nb::list getOutputs() const {
    return list(describe().outputs, describe().num_outputs);
  }

  nb::list run(const std::vector<Array> &inputs) const;

private:
  /// (name, dtype code, dtype bits, extents) of each.
  static nb::list list(const qcc_tensor_info *infos, int32_t count);
  nb::object wrap(DLManagedTensorVersioned *tensor) const;

  std::shared_ptr<qcc_loaded> model;
};

nb::list Loaded::list(const qcc_tensor_info *infos, int32_t count) {
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
    result.append(nb::make_tuple(nb::str(info.name), int(info.dtype.code),
                                 int(info.dtype.bits), nb::tuple(extents)));
  }
  return result;
}

/// The type that NumPy can hold in place of `type`.
nb::dlpack::dtype getCarrier(DLDataType type) {
  bool isNumPys = type.code == kDLInt || type.code == kDLUInt ||
                  type.code == kDLFloat || type.code == kDLBool;
  if (isNumPys && type.bits >= 8)
    return {type.code, type.bits, 1};
  // Narrow elements take a byte each.
  return {uint8_t(kDLUInt), std::max<uint8_t>(type.bits, 8), 1};
}

/// An array over the output's memory, which lives as long as the array; the
/// model stays loaded so long too, because its code frees the memory.
nb::object Loaded::wrap(DLManagedTensorVersioned *tensor) const {
  struct Owner {
    std::shared_ptr<qcc_loaded> model;
    DLManagedTensorVersioned *tensor;
    ~Owner() { tensor->deleter(tensor); }
  };
  auto *owner = new Owner{model, tensor};
  nb::capsule capsule(owner, [](void *pointer) noexcept {
    delete static_cast<Owner *>(pointer);
  });
  const DLTensor &view = tensor->dl_tensor;
  std::vector<size_t> shape(view.shape, view.shape + view.ndim);
  nb::ndarray<nb::numpy> array(
      static_cast<char *>(view.data) + view.byte_offset, shape.size(),
      shape.data(), capsule, nullptr, getCarrier(view.dtype));
  return array.cast();
}

nb::list Loaded::run(const std::vector<Array> &inputs) const {
  const qcc_description &description = describe();
  if (int32_t(inputs.size()) != description.num_inputs)
    throw QccError("the model takes " + std::to_string(description.num_inputs) +
                   " inputs, not " + std::to_string(inputs.size()));
  struct View {
    DLTensor tensor = {};
    std::vector<int64_t> shape, strides;
  };
  std::vector<View> views(inputs.size());
  std::vector<const DLTensor *> pointers;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Array &array = inputs[i];
    View &view = views[i];
    for (size_t axis = 0; axis < array.ndim(); ++axis) {
      view.shape.push_back(int64_t(array.shape(axis)));
      view.strides.push_back(array.stride(axis));
    }
    view.tensor.data = const_cast<void *>(array.data());
    view.tensor.device = {kDLCPU, 0};
    view.tensor.ndim = int32_t(array.ndim());
    nb::dlpack::dtype given = array.dtype();
    DLDataType wanted = description.inputs[i].dtype;
    view.tensor.dtype = given == getCarrier(wanted)
                            ? wanted
                            : DLDataType{given.code, given.bits, given.lanes};
    view.tensor.shape = view.shape.data();
    view.tensor.strides = view.strides.data();
    pointers.push_back(&view.tensor);
  }
  std::vector<DLManagedTensorVersioned *> outputs(description.num_outputs);
  qcc_error *error = nullptr;
  int32_t status;
  {
    nb::gil_scoped_release release;
    status = qcc_run(model.get(), pointers.data(), outputs.data(), &error);
  }
  check(status, error);
  nb::list results;
  for (DLManagedTensorVersioned *output : outputs)
    results.append(wrap(output));
  return results;
}

} // namespace

NB_MODULE(_qcc, m) {
  nb::exception<QccError>(m, "Error");
  m.attr("version") = qcc_version();
  m.def("compile_file", &compileFile, "model"_a, "output"_a, "options"_a);
  m.def("compile_bytes", &compileBytes, "model"_a, "name"_a, "output"_a,
        "options"_a);
  nb::class_<Loaded>(m, "Loaded")
      .def(nb::init<const std::string &, int>(), "path"_a, "threads"_a = 0)
      .def_prop_ro("inputs", &Loaded::getInputs)
      .def_prop_ro("outputs", &Loaded::getOutputs)
      .def("run", &Loaded::run, "inputs"_a);
}
