#include "lib/Driver/Inputs.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/TensorFile.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;

namespace qcc::driver {

static constexpr OptionSpec inputSpecs[] = {
    {"--input", "NAME=FILE",
     "an input's value: .npy, or .pb for an ONNX TensorProto (repeat)",
     /*repeats=*/true},
    {"--random-inputs", "", "make up the inputs that are not given"},
    {"--seed", "N", "of random inputs (default: 0)"},
};
const ArrayRef<OptionSpec> inputOptions = inputSpecs;

static constexpr OptionSpec shapeSpecs[] = {
    {"--shape", "NAME=1x3x224x224",
     "fix the extents of an input that the model leaves open; '?' leaves\none "
     "open (repeat)",
     /*repeats=*/true},
};
const ArrayRef<OptionSpec> shapeOptions = shapeSpecs;

Expected<Shapes> parseShapes(const Arguments &arguments) {
  Shapes shapes;
  for (StringRef text : arguments.getAll("--shape")) {
    // Names may contain '=', extents do not.
    auto [name, extents] = text.rsplit('=');
    SmallVector<StringRef> parts;
    if (!extents.empty())
      extents.split(parts, 'x');
    SmallVector<int64_t> &shape = shapes[name.str()];
    if (!shape.empty() || !text.contains('=') || name.empty())
      return makeUsageError("option '--shape' needs NAME=1x3x224x224, once " +
                            Twine("for each input, not '") + text + "'");
    for (StringRef part : parts) {
      int64_t extent = -1;
      if (part != "?" && (part.getAsInteger(10, extent) || extent < 0))
        return makeUsageError("option '--shape=" + text + "': '" + part +
                              "' is no extent");
      shape.push_back(extent);
    }
  }
  return shapes;
}

/// SplitMix64: any seed gives good numbers, and it is three lines.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static uint64_t makeNumber(mlir::Type type, uint64_t random) {
  if (auto number = dyn_cast<mlir::FloatType>(type)) {
    APFloat value(static_cast<double>(random >> 11) * 0x1p-53);
    bool losesInfo;
    value.convert(number.getFloatSemantics(), APFloat::rmTowardZero,
                  &losesInfo);
    return value.bitcastToAPInt().getZExtValue();
  }
  unsigned width = type.getIntOrFloatBitWidth();
  return random % (width < 4 ? 2 : width == 4 ? 8 : 10);
}

Expected<Tensor> makeRandom(mlir::Type type, ArrayRef<int64_t> shape,
                            uint64_t seed) {
  Expected<Tensor> tensor = Tensor::allocate(type, shape);
  if (!tensor)
    return tensor;
  uint64_t state = seed;
  unsigned bytes = tensor->getElementBytes();
  char *to = tensor->getWritable();
  for (int64_t i = 0, count = tensor->getNumElements(); i < count; ++i) {
    uint64_t bits = makeNumber(type, nextRandom(state));
    memcpy(to + i * bytes, &bits, bytes);
  }
  return tensor;
}

Expected<Tensor> readNumbered(StringRef folder, StringRef stem, size_t index,
                              mlir::Type expected, mlir::MLIRContext &context) {
  SmallString<128> path;
  for (StringRef ending : {".npy", ".pb"}) {
    path = folder;
    sys::path::append(path, stem + "_" + Twine(index) + ending);
    if (sys::fs::exists(path))
      break;
  }
  return readTensor(path, context, expected);
}

/// `option` as it was given, for an input that is none of the model's.
static Error makeUnknownInput(const Twine &option, StringRef name,
                              const Signature &signature) {
  std::string names = join(
      map_range(signature.inputs, [](const Port &port) { return port.name; }),
      ", ");
  return makeUsageError(
      "option '" + option + "': the model has no input '" + name + "'; " +
      (names.empty() ? "it has none" : "its inputs are: " + names));
}

static Expected<std::map<std::string, std::string>>
parseFiles(const Signature &signature, const Arguments &arguments) {
  std::map<std::string, std::string> files;
  for (StringRef text : arguments.getAll("--input")) {
    // The longest name that fits: names may contain '='.
    const Port *found = nullptr;
    for (const Port &port : signature.inputs)
      if (text.starts_with(port.name + "=") &&
          (!found || port.name.size() > found->name.size()))
        found = &port;
    if (!found && (!text.contains('=') || text.starts_with("=")))
      return makeUsageError("option '--input' needs NAME=FILE, not '" + text +
                            "'");
    if (!found)
      return makeUnknownInput("--input=" + text, text.split('=').first,
                              signature);
    std::string &file = files[found->name];
    if (!file.empty())
      return makeUsageError("option '--input': input '" + found->name +
                            "' was given twice");
    file = text.drop_front(found->name.size() + 1).str();
  }
  return files;
}

/// The values of symbolic extents, as far as shapes or files say them.
using Symbols = std::map<std::string, int64_t>;

static void noteSymbols(const Port &port, ArrayRef<int64_t> shape,
                        Symbols &symbols) {
  // That a file's rank is wrong, the run tells.
  for (auto [extent, value] : zip(port.extents, shape))
    if (value >= 0 && !extent.symbol.empty())
      symbols.insert({extent.symbol, value});
}

/// One symbol is one extent in all inputs.
static Expected<Symbols> collectSymbols(const Signature &signature,
                                        const Shapes &shapes) {
  Symbols symbols;
  std::map<std::string, std::string> sources;
  for (const Port &port : signature.inputs) {
    auto given = shapes.find(port.name);
    if (given == shapes.end())
      continue;
    if (given->second.size() != port.extents.size())
      return makeUsageError("option '--shape=" + port.name + "=...' has " +
                            Twine(given->second.size()) + " extents, but the " +
                            "input is " + port.getTypeName());
    for (auto [extent, value] : zip_equal(port.extents, given->second)) {
      if (value < 0 || extent.symbol.empty())
        continue;
      std::string &source =
          sources.insert({extent.symbol, port.name}).first->second;
      int64_t known = symbols.insert({extent.symbol, value}).first->second;
      if (known != value)
        return makeUsageError("option '--shape' makes '" + extent.symbol +
                              "' " + Twine(known) + " (input '" + source +
                              "') and " + Twine(value) + " (input '" +
                              port.name +
                              "'); it is one extent in the model, so give it "
                              "one value");
    }
  }
  return symbols;
}

static Expected<SmallVector<int64_t>>
chooseShape(const Port &port, const Shapes &shapes, const Symbols &symbols) {
  SmallVector<int64_t> shape = port.getShape();
  auto given = shapes.find(port.name);
  for (auto [axis, extent] : enumerate(shape)) {
    if (given != shapes.end() && given->second[axis] >= 0)
      extent = given->second[axis];
    auto known = symbols.find(port.extents[axis].symbol);
    if (extent < 0 && known != symbols.end())
      extent = known->second;
    if (extent < 0)
      return makeUsageError("input '" + port.name + "' is " +
                            port.getTypeName() +
                            ": for random inputs say its "
                            "extents by --shape " +
                            port.name + "=...");
  }
  return shape;
}

static Error checkShapes(const Signature &signature, const Shapes &shapes) {
  for (const auto &shape : shapes)
    if (none_of(signature.inputs,
                [&](const Port &port) { return port.name == shape.first; }))
      return makeUnknownInput("--shape=" + shape.first + "=...", shape.first,
                              signature);
  return Error::success();
}

/// The inputs that files hold, and their extents; the others stay empty.
static Expected<std::vector<std::optional<Tensor>>>
readInputs(const Signature &signature, const Arguments &arguments,
           StringRef folder, Symbols &symbols, mlir::MLIRContext &context) {
  auto files = parseFiles(signature, arguments);
  if (!files)
    return files.takeError();
  std::vector<std::optional<Tensor>> inputs;
  for (auto [index, port] : enumerate(signature.inputs)) {
    inputs.emplace_back();
    auto file = files->find(port.name);
    if (file == files->end() && folder.empty())
      continue;
    Expected<Tensor> tensor =
        file != files->end()
            ? readTensor(file->second, context, port.elementType)
            : readNumbered(folder, "input", index, port.elementType, context);
    if (!tensor)
      return tensor.takeError();
    noteSymbols(port, tensor->getShape(), symbols);
    inputs.back() = std::move(*tensor);
  }
  return inputs;
}

Expected<std::vector<Tensor>> makeInputs(const Signature &signature,
                                         const Arguments &arguments,
                                         StringRef folder, const Shapes &shapes,
                                         mlir::MLIRContext &context,
                                         bool alwaysRandom) {
  if (Error error = checkShapes(signature, shapes))
    return std::move(error);
  Expected<Symbols> symbols = collectSymbols(signature, shapes);
  if (!symbols)
    return symbols.takeError();
  Expected<int64_t> seed = arguments.getInteger("--seed", 0);
  if (!seed)
    return seed.takeError();
  auto read = readInputs(signature, arguments, folder, *symbols, context);
  if (!read)
    return read.takeError();
  std::vector<Tensor> inputs;
  for (auto [index, port] : enumerate(signature.inputs)) {
    if (std::optional<Tensor> &tensor = (*read)[index]) {
      inputs.push_back(std::move(*tensor));
      continue;
    }
    if (!alwaysRandom && !arguments.has("--random-inputs"))
      return makeUsageError("input '" + port.name + "' (" + port.getTypeName() +
                            ") has no value: give --input " + port.name +
                            "=FILE or --random-inputs");
    auto shape = chooseShape(port, shapes, *symbols);
    if (!shape)
      return shape.takeError();
    // Inputs of one seed shall differ.
    auto tensor = makeRandom(port.elementType, *shape,
                             *seed + index * UINT64_C(0x632BE59BD9B4E019));
    if (!tensor)
      return tensor.takeError();
    inputs.push_back(std::move(*tensor));
  }
  return inputs;
}

} // namespace qcc::driver
