// A model written by hand in place of the compiler's: its signature and its
// qccgen_main, run through the same entry points.

#ifndef TEST_LIB_RUNTIME_FAKEMODEL_H
#define TEST_LIB_RUNTIME_FAKEMODEL_H

#include "qcc/Runtime/Generated.h"

#include "gtest/gtest.h"

#include <memory>
#include <string>
#include <vector>

namespace qcc::test {

constexpr DLDataType f32 = {kDLFloat, 32, 1};
constexpr DLDataType i64 = {kDLInt, 64, 1};

/// A dense tensor, or any other after a change of `tensor` or `strides`.
struct Tensor {
  Tensor(std::vector<float> values, std::vector<int64_t> shape)
      : values(std::move(values)), shape(std::move(shape)) {
    tensor.data = this->values.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int32_t>(this->shape.size());
    tensor.dtype = f32;
    tensor.shape = this->shape.data();
  }
  void setStrides(std::vector<int64_t> newStrides) {
    strides = std::move(newStrides);
    tensor.strides = strides.data();
  }

  std::vector<float> values;
  std::vector<int64_t> shape, strides;
  DLTensor tensor = {};
};

struct Result {
  int32_t status = QCC_OK;
  std::string message;
};

class FakeModel {
public:
  using Dims = std::vector<qcc_dim>;

  explicit FakeModel(int32_t (*main)(qccrt_run *)) {
    desc.abi_version = QCC_ABI_VERSION;
    desc.size = sizeof(desc);
    desc.main = main;
    desc.description.size = sizeof(qcc_description);
    desc.description.name = "fake";
    desc.description.cpu = "fake-cpu";
  }
  ~FakeModel() { qccrt_close(instance); }

  FakeModel &addInput(const char *name, Dims dims, DLDataType type = f32) {
    inputs.push_back(makeInfo(name, std::move(dims), type));
    return *this;
  }
  FakeModel &addOutput(const char *name, Dims dims, int32_t alias = -1) {
    outputs.push_back(makeInfo(name, std::move(dims), f32));
    outputs.back().alias_input = alias;
    return *this;
  }

  Result open(const char *weights = nullptr, const qcc_env *env = nullptr) {
    desc.description.num_inputs = static_cast<int32_t>(inputs.size());
    desc.description.num_outputs = static_cast<int32_t>(outputs.size());
    desc.description.inputs = inputs.data();
    desc.description.outputs = outputs.data();
    qcc_error *error = nullptr;
    Result result;
    result.status = qccrt_open(&desc, weights, env, &instance, &error);
    return take(result, error);
  }
  Result open(const qcc_env &env) { return open(nullptr, &env); }

  Result run(std::vector<const DLTensor *> in,
             std::vector<DLManagedTensorVersioned *> &out) {
    out.resize(outputs.size());
    qcc_error *error = nullptr;
    Result result;
    result.status =
        qccrt_run_model(&desc, instance, in.data(), out.data(), &error);
    return take(result, error);
  }

  qccrt_model_desc desc = {};
  qcc_instance *instance = nullptr;

private:
  qcc_tensor_info makeInfo(const char *name, Dims dims, DLDataType type) {
    allDims.push_back(std::make_unique<Dims>(std::move(dims)));
    qcc_tensor_info info = {};
    info.name = name;
    info.dtype = type;
    info.rank = static_cast<int32_t>(allDims.back()->size());
    info.dims = allDims.back()->data();
    info.alias_input = -1;
    return info;
  }
  static Result take(Result result, qcc_error *error) {
    if (!error)
      return result;
    result.message = error->message;
    if (error->code != result.status)
      result.message = "code and status differ: " + result.message;
    qccrt_free_error(error);
    return result;
  }

  std::vector<qcc_tensor_info> inputs, outputs;
  std::vector<std::unique_ptr<Dims>> allDims;
};

inline testing::AssertionResult contains(const std::string &text,
                                         const std::string &part) {
  if (text.find(part) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << '"';
}

using Values = std::vector<float>;

inline void release(DLManagedTensorVersioned *&tensor) {
  if (tensor)
    tensor->deleter(tensor);
  tensor = nullptr;
}

inline Values takeValues(DLManagedTensorVersioned *&tensor) {
  int64_t count = 1;
  for (int32_t d = 0; d < tensor->dl_tensor.ndim; ++d)
    count *= tensor->dl_tensor.shape[d];
  const float *data = static_cast<const float *>(tensor->dl_tensor.data);
  std::vector<float> values(data, data + count);
  release(tensor);
  return values;
}

inline qcc_env makeEnv(int32_t threads = 0) {
  qcc_env env = {};
  env.size = sizeof(env);
  env.num_threads = threads;
  return env;
}

} // namespace qcc::test

#endif // TEST_LIB_RUNTIME_FAKEMODEL_H
