#include "qcc/Import/Importer.h"

#include "dialects/QNN/IR/Dialect.h"
#include "lib/Import/ONNX/Expansion.h"
#include "lib/Import/ONNX/GraphImporter.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using ::onnx::ModelProto;
using ::onnx::TensorShapeProto;
using ::onnx::TypeProto;
using ::onnx::ValueInfoProto;

OperatorTable::OperatorTable() {
  addElementwise(*this);
  addActivations(*this);
  addTensor(*this);
  addSlicing(*this);
  addIndexing(*this);
  addShapes(*this);
  addReductions(*this);
  addContractions(*this);
  addConvolutions(*this);
  addPooling(*this);
  addNormalizations(*this);
  addLosses(*this);
  addSampling(*this);
  addAttention(*this);
  addQuantized(*this);
  addQuantizedLinear(*this);
  importer::addMicrosoft(*this);
  addControl(*this);
}

namespace {

/// A symbolic extent of which the command line says the value.
struct FixedSymbol {
  int64_t extent;
  std::string input;
  size_t axis;
};

/// A graph input as an argument of main.
struct Argument {
  StringRef name;
  RankedTensorType type;
  /// For each axis its symbolic extent or its number.
  SmallVector<Attribute> extents;
};

class ModelImporter {
public:
  ModelImporter(SharedBytes bytes, StringRef name, StringRef folder,
                MLIRContext &context, const ImportOptions &options)
      : bytes(bytes), folder(folder), context(context), options(options),
        file(FileLineColLoc::get(&context, name, 0, 0)) {}

  FailureOr<OwningOpRef<ModuleOp>> run();

private:
  LogicalResult parse();
  void collectOpsets(llvm::StringMap<int64_t> &opsets);
  LogicalResult collectFunctions(ModelContext &model);
  LogicalResult collectArguments();
  LogicalResult fixSymbols(const ValueInfoProto &info);
  FailureOr<int64_t> getExtent(const ValueInfoProto &info, size_t axis);
  FailureOr<Argument> getArgument(const ValueInfoProto &info);
  LogicalResult importMain(ModelContext &model, ModuleOp module);
  void unifyExtents(Emit &e, Block &entry);

  InFlightDiagnostic error() { return emitError(file); }

  SharedBytes bytes;
  std::string folder;
  MLIRContext &context;
  const ImportOptions &options;
  Location file;
  ModelProto proto;
  std::vector<TensorData> tensors;
  llvm::StringMap<FixedSymbol> fixedSymbols;
  SmallVector<Argument> arguments;
};

LogicalResult ModelImporter::parse() {
  if (bytes->get().empty())
    return error() << "the file is empty";
  auto scanned = scanModel(bytes->get(), options.limits);
  if (!scanned)
    return error() << llvm::toString(scanned.takeError());
  // The scan has checked all that protobuf does, so this fails only if their
  // ideas of the format differ.
  if (!proto.ParsePartialFromString(scanned->structure))
    return error() << "byte 0: the file is no ONNX model";
  tensors = std::move(scanned->tensors);
  if (!proto.has_graph())
    return error() << "byte 0: the file holds no graph, so it is no ONNX model";
  return success();
}

void ModelImporter::collectOpsets(llvm::StringMap<int64_t> &opsets) {
  for (const auto &import : proto.opset_import()) {
    StringRef domain = import.domain();
    if (domain == "ai.onnx")
      domain = "";
    int64_t &version = opsets[domain];
    version = std::max(version, import.version());
  }
}

LogicalResult ModelImporter::collectFunctions(ModelContext &model) {
  for (const auto &function : proto.functions()) {
    StringRef domain = function.domain();
    if (domain == "ai.onnx")
      domain = "";
    std::string key =
        (domain + "\n" + function.name() + "\n" + function.overload()).str();
    if (!model.functions.try_emplace(key, &function).second)
      return error() << "function '" << function.name() << "' of the domain '"
                     << domain << "' is defined twice";
  }
  return success();
}

/// What makers of models write for an extent that they do not know; the same
/// text twice does not mean the same extent.
static bool isAnonymous(StringRef name) {
  return name.empty() || name == "?" || name == "None" || name == "-1" ||
         name == "unk" || name == "unknown";
}

static StringRef getSymbol(const ValueInfoProto &info, size_t axis) {
  const TensorShapeProto &dims = info.type().tensor_type().shape();
  if (axis >= size_t(dims.dim_size()))
    return "";
  StringRef symbol = dims.dim(axis).dim_param();
  return isAnonymous(symbol) ? "" : symbol;
}

/// One symbol is one extent, so a shape given for one input holds for all
/// inputs that have the symbol.
LogicalResult ModelImporter::fixSymbols(const ValueInfoProto &info) {
  auto given = options.shapes.find(info.name());
  if (given == options.shapes.end())
    return success();
  for (auto [axis, extent] : llvm::enumerate(given->second)) {
    StringRef symbol = getSymbol(info, axis);
    if (symbol.empty() || extent < 0)
      continue;
    const FixedSymbol &known =
        fixedSymbols.try_emplace(symbol, FixedSymbol{extent, info.name(), axis})
            .first->second;
    if (known.extent != extent)
      return error() << "the shapes given make '" << symbol << "' "
                     << known.extent << " (axis " << known.axis << " of input '"
                     << known.input << "') and " << extent << " (axis " << axis
                     << " of input '" << info.name()
                     << "'); it is one extent in the model, so give it one "
                        "value";
  }
  return success();
}

/// kDynamic where neither the model nor the command line fixes it.
FailureOr<int64_t> ModelImporter::getExtent(const ValueInfoProto &info,
                                            size_t axis) {
  auto fail = [&](const Twine &what) -> FailureOr<int64_t> {
    return error() << "input '" << info.name() << "' has an extent of " << what;
  };
  const TensorShapeProto &dims = info.type().tensor_type().shape();
  int64_t extent = ShapedType::kDynamic;
  if (axis < size_t(dims.dim_size()) && dims.dim(axis).has_dim_value() &&
      dims.dim(axis).dim_value() >= 0)
    extent = dims.dim(axis).dim_value();
  if (auto fixed = fixedSymbols.find(getSymbol(info, axis));
      fixed != fixedSymbols.end())
    extent = fixed->second.extent;
  auto given = options.shapes.find(info.name());
  if (given != options.shapes.end() && given->second[axis] >= 0) {
    if (!ShapedType::isDynamic(extent) && extent != given->second[axis])
      return fail(Twine(extent) + " along axis " + Twine(axis) +
                  ", which cannot be changed to " + Twine(given->second[axis]));
    extent = given->second[axis];
  }
  if (extent > (int64_t(1) << 40))
    return fail(Twine(extent) + ", which is too large");
  return extent;
}

FailureOr<Argument> ModelImporter::getArgument(const ValueInfoProto &info) {
  auto fail = [&](const Twine &what) -> FailureOr<Argument> {
    return error() << "input '" << info.name() << "' " << what;
  };
  const TypeProto &type = info.type();
  if (type.has_sequence_type() || type.has_optional_type() ||
      type.has_map_type() || type.has_sparse_tensor_type() ||
      type.has_opaque_type())
    return fail(Twine("is ") +
                (type.has_sequence_type()   ? "a sequence"
                 : type.has_optional_type() ? "an optional value"
                 : type.has_map_type()      ? "a map"
                 : type.has_opaque_type()   ? "an opaque value"
                                            : "a sparse tensor") +
                ", which qcc does not support; only dense tensors are");
  if (!type.has_tensor_type())
    return fail("has no type");
  ElementType element =
      getElementType(type.tensor_type().elem_type(), &context);
  if (!element.type)
    return fail("has elements of type " +
                (element.name.empty() ? Twine(type.tensor_type().elem_type())
                                      : Twine(element.name)) +
                ", which qcc does not support");

  Argument argument{info.name(), {}, {}};
  SmallVector<int64_t> shape;
  Builder b(&context);
  const TensorShapeProto &dims = type.tensor_type().shape();
  auto given = options.shapes.find(info.name());
  if (given == options.shapes.end() && !type.tensor_type().has_shape())
    return fail("has no shape; give it one with --shape " + Twine(info.name()) +
                "=...");
  size_t rank = given != options.shapes.end() ? given->second.size()
                                              : size_t(dims.dim_size());
  if (rank > maxRank)
    return fail("has " + Twine(rank) + " axes; qcc takes at most " +
                Twine(maxRank));
  if (type.tensor_type().has_shape() && rank != size_t(dims.dim_size()))
    return fail("has " + Twine(dims.dim_size()) +
                " axes, but the shape given "
                "for it has " +
                Twine(rank));
  for (size_t axis = 0; axis < rank; ++axis) {
    FailureOr<int64_t> extent = getExtent(info, axis);
    if (failed(extent))
      return failure();
    shape.push_back(*extent);
    argument.extents.push_back(
        ShapedType::isDynamic(*extent)
            ? Attribute(b.getStringAttr(getSymbol(info, axis)))
            : Attribute(b.getI64IntegerAttr(*extent)));
  }
  argument.type = RankedTensorType::get(shape, element.type);
  if (exceedsBytes(argument.type, options.limits.maxTensorBytes))
    return fail("takes more than " + Twine(options.limits.maxTensorBytes) +
                " bytes, the most that qcc takes for a tensor");
  return argument;
}

LogicalResult ModelImporter::collectArguments() {
  llvm::StringSet<> initializers, seen;
  for (const auto &tensor : proto.graph().initializer())
    initializers.insert(tensor.name());
  for (const ValueInfoProto &info : proto.graph().input())
    if (failed(fixSymbols(info)))
      return failure();
  for (const ValueInfoProto &info : proto.graph().input()) {
    // An initializer may be listed as an input, too: its value is a default
    // that nobody overrides.
    if (initializers.contains(info.name()))
      continue;
    if (info.name().empty())
      return error() << "an input has no name";
    if (!seen.insert(info.name()).second)
      return error() << "input '" << info.name()
                     << "' is defined twice; each value needs a name of its "
                        "own";
    FailureOr<Argument> argument = getArgument(info);
    if (failed(argument))
      return failure();
    arguments.push_back(*argument);
  }
  for (const auto &[name, shape] : options.shapes)
    if (!seen.contains(name))
      return error() << "a shape was given for '" << name
                     << "', which is no input of the model";
  return success();
}

/// Extents of one symbolic name are one value; that they are equal is checked
/// when the model runs.
void ModelImporter::unifyExtents(Emit &e, Block &entry) {
  llvm::StringMap<std::pair<OpFoldResult, std::string>> symbols;
  for (auto [argument, value] :
       llvm::zip_equal(arguments, entry.getArguments())) {
    Extents extents;
    for (auto [axis, name] : llvm::enumerate(argument.extents)) {
      OpFoldResult own = e.math.constant(e.shape(value)[axis]);
      if (e.type(value).isDynamicDim(axis))
        own = tensor::DimOp::create(e.b, e.loc, value, axis).getResult();
      extents.push_back(own);
      auto symbol = dyn_cast<StringAttr>(name);
      if (!symbol || symbol.empty())
        continue;
      std::string where =
          ("axis " + Twine(axis) + " of '" + argument.name + "'").str();
      auto [known, isNew] = symbols.try_emplace(symbol.getValue());
      if (isNew) {
        known->second = {own, where};
        continue;
      }
      extents.back() = known->second.first;
      e.check(e.math.equal(own, known->second.first),
              Twine(where) + " and " + known->second.second + " are both '" +
                  symbol.getValue() + "' in the model and must be equal");
    }
    e.setExtents(value, extents);
  }
}

static bool fitsDeclaration(ArrayRef<int64_t> shape,
                            const TensorShapeProto &declared) {
  if (int(shape.size()) != declared.dim_size())
    return false;
  for (auto [extent, dim] : llvm::zip_equal(shape, declared.dim()))
    if (dim.has_dim_value() && dim.dim_value() >= 0 &&
        !ShapedType::isDynamic(extent) && extent != dim.dim_value())
      return false;
  return true;
}

LogicalResult ModelImporter::importMain(ModelContext &model, ModuleOp module) {
  OpBuilder b(&context);
  b.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> types;
  for (const Argument &argument : arguments)
    types.push_back(argument.type);
  auto main =
      func::FuncOp::create(b, file, "main", b.getFunctionType(types, {}));
  Block &entry = *main.addEntryBlock();
  b.setInsertionPointToStart(&entry);
  Emit e(b, &entry);
  e.loc = file;
  unifyExtents(e, entry);

  GraphImporter graph(model, e, nullptr);
  for (auto [argument, value] :
       llvm::zip_equal(arguments, entry.getArguments()))
    if (failed(graph.define(argument.name, value)))
      return failure();
  const auto &outputs = proto.graph().output();
  if (outputs.empty())
    return error()
           << "the graph has no outputs, so there is nothing to compute";
  FailureOr<SmallVector<Value>> results = graph.importBody(proto.graph());
  if (failed(results))
    return failure();

  SmallVector<Type> resultTypes =
      llvm::to_vector(ValueRange(*results).getTypes());
  func::ReturnOp::create(b, file, *results);
  main.setType(b.getFunctionType(types, resultTypes));
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    main.setArgAttr(i, "qcc.name", b.getStringAttr(argument.name));
    main.setArgAttr(i, "qcc.extents", b.getArrayAttr(argument.extents));
  }
  for (auto [i, output] : llvm::enumerate(outputs)) {
    auto type = cast<RankedTensorType>(resultTypes[i]);
    SmallVector<Attribute> extents;
    const TensorShapeProto &dims = output.type().tensor_type().shape();
    for (auto [axis, extent] : llvm::enumerate(type.getShape())) {
      extents.push_back(
          ShapedType::isDynamic(extent)
              ? Attribute(b.getStringAttr(getSymbol(output, axis)))
              : Attribute(b.getI64IntegerAttr(extent)));
    }
    if (output.type().tensor_type().has_shape() &&
        !fitsDeclaration(type.getShape(), dims))
      return error() << "output '" << output.name() << "' has the shape of "
                     << type << ", not the one that the model declares for it";
    int32_t declared = output.type().tensor_type().elem_type();
    ElementType element = getElementType(declared, &context);
    if (declared && element.type != type.getElementType())
      return error() << "output '" << output.name() << "' is declared as "
                     << element.name << ", but its value is of "
                     << type.getElementType();
    main.setResultAttr(i, "qcc.name", b.getStringAttr(output.name()));
    main.setResultAttr(i, "qcc.extents", b.getArrayAttr(extents));
  }
  return success();
}

FailureOr<OwningOpRef<ModuleOp>> ModelImporter::run() {
  context.loadDialect<qnn::QNNDialect, func::FuncDialect, arith::ArithDialect,
                      tensor::TensorDialect, scf::SCFDialect,
                      cf::ControlFlowDialect>();
  if (failed(parse()))
    return failure();
  TensorReader reader(bytes, std::move(tensors), folder, options.limits);
  static const OperatorTable table;
  ModelContext model{proto, reader, table, options, file, {}, {}, {}, {}};
  collectOpsets(model.opsets);
  if (failed(collectFunctions(model)) || failed(checkExpansion(model)) ||
      failed(collectArguments()))
    return failure();
  OwningOpRef<ModuleOp> module = ModuleOp::create(file);
  // What was reported is a failure, whether or not a handler went on.
  bool hasError = false;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    hasError |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return failure(); // the caller's handler prints it
  });
  if (failed(importMain(model, *module)) || hasError)
    return failure();
  if (failed(verify(*module)))
    return failure();
  return module;
}

} // namespace

FailureOr<OwningOpRef<ModuleOp>> qcc::importONNX(StringRef path,
                                                 MLIRContext &context,
                                                 const ImportOptions &options) {
  auto bytes = mapFile(path);
  if (!bytes)
    return emitError(FileLineColLoc::get(&context, path, 0, 0))
           << llvm::toString(bytes.takeError());
  StringRef folder = llvm::sys::path::parent_path(path);
  return ModelImporter(*bytes, path, folder.empty() ? "." : folder, context,
                       options)
      .run();
}

FailureOr<OwningOpRef<ModuleOp>>
qcc::importONNXBytes(StringRef bytes, StringRef name, MLIRContext &context,
                     const ImportOptions &options) {
  // No file is beside a model in memory: an empty folder cannot be opened.
  return ModelImporter(copyBytes(bytes), name, "", context, options).run();
}
