// The C header beside an artifact. It is self-contained: DLPack and the types
// of the interface are part of it, each with its own include guard, so that
// headers of several models go together.

#include "lib/Host/Descriptor.h"
#include "lib/Host/EmbeddedFiles.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::host {

// Names come from the model's author: none may end the comment they stand in.
static std::string sanitize(StringRef name) {
  std::string text;
  for (char c : name)
    text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  for (size_t at; (at = text.find("*/")) != std::string::npos;)
    text[at] = '?';
  for (size_t at; (at = text.find("/*")) != std::string::npos;)
    text[at] = '?';
  return text;
}

static std::string formatShape(const TensorInterface &tensor) {
  std::string text = getTypeName(tensor.dtype) + "[";
  for (size_t d = 0; d < tensor.dims.size(); ++d) {
    const DimInterface &dim = tensor.dims[d];
    text += d ? ", " : "";
    text += dim.extent >= 0      ? std::to_string(dim.extent)
            : dim.symbol.empty() ? "?"
                                 : sanitize(dim.symbol);
  }
  return text + "]";
}

static void printTensors(raw_ostream &os, StringRef kind,
                         ArrayRef<TensorInterface> tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorInterface &tensor = tensors[i];
    os << formatv(" *   {0}[{1}]  {2}  {3}", kind, i, sanitize(tensor.name),
                  formatShape(tensor));
    if (!tensor.format.empty())
      os << formatv("  ({0} of {1})", sanitize(tensor.component),
                    sanitize(tensor.format));
    if (tensor.aliasInput >= 0)
      os << formatv("  (inputs[{0}], changed in place)", tensor.aliasInput);
    os << "\n";
  }
}

static std::string makePrototypes(const ModelInterface &interface) {
  static constexpr char text[] = R"(
/* Opens the model. `weights`: path of the side file, NULL for the one beside
 * the model. `env`: what the model takes from its host, NULL for the defaults.
 * On success *model is to be closed by {0}_close. */
int32_t {0}_open(const char *weights, const qcc_env *env, qcc_instance **model,
                 qcc_error **error);

/* Runs the model; any number of threads may do so at once. outputs[i] is NULL
 * and then receives a new tensor, to be freed by its deleter, or the caller's
 * own tensor of the exact type and extents. */
int32_t {0}_run(qcc_instance *model, const DLTensor *const *inputs,
                DLManagedTensorVersioned **outputs, qcc_error **error);

void {0}_close(qcc_instance *model);

/* Names, types and extents of inputs and outputs. */
const qcc_description *{0}_describe(void);

void {0}_free_error(qcc_error *error);

/* The functions above for code that knows no name, found by dlsym. */
extern const qcc_model_api qcc_model;
)";
  std::string result;
  StringRef rest = text;
  for (size_t at; (at = rest.find("{0}")) != StringRef::npos;) {
    result += rest.take_front(at).str() + interface.name;
    rest = rest.drop_front(at + 3);
  }
  return result + rest.str();
}

std::string makeHeader(const ModelInterface &interface) {
  std::string text;
  raw_string_ostream os(text);
  const std::string &name = interface.name;
  os << "/* Model " << name << ", compiled by qcc " QCC_VERSION ".\n *\n";
  printTensors(os, "inputs", interface.inputs);
  printTensors(os, "outputs", interface.outputs);
  for (const DeviceInterface &device : interface.devices)
    os << formatv(" *   runs on device {0} (driver {1})\n",
                  sanitize(device.name), sanitize(device.driver));
  os << " *\n * Every function but close, describe and free_error returns 0 or "
        "a qcc_status;\n * then *error, unless `error` is NULL, says what went "
        "wrong and is to be freed\n * by "
     << name << "_free_error.\n";
  if (!interface.weights.file.empty())
    os << " * Its weights lie in " << sanitize(interface.weights.file)
       << ", which must stay beside it.\n";
  os << " */\n#ifndef QCC_MODEL_" << name << "_H\n#define QCC_MODEL_" << name
     << "_H\n\n";
  os << getDLPackHeader() << "\n";
  StringRef model = getModelHeader();
  auto [before, after] =
      model.split("#include \"qcc/Runtime/dlpack/dlpack.h\"\n");
  os << before << after;
  os << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
     << makePrototypes(interface)
     << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* QCC_MODEL_" << name
     << "_H */\n";
  return text;
}

} // namespace qcc::host
