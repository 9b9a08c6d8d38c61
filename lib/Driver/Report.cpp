#include "lib/Driver/Report.h"

#include "lib/Analysis/Work.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/LoadedModel.h"
#include "lib/Driver/RunMacs.h"
#include "lib/Driver/Session.h"
#include "lib/Driver/TensorFile.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "qcc/Target/Registry.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static std::string printAttribute(mlir::Attribute attribute) {
  std::string text;
  raw_string_ostream(text) << attribute;
  return text;
}

static std::string describeType(mlir::Type type) {
  auto shaped = dyn_cast<mlir::ShapedType>(type);
  if (!shaped || !shaped.hasRank())
    return printAttribute(mlir::TypeAttr::get(type));
  SmallVector<int64_t> shape;
  for (int64_t extent : shaped.getShape())
    shape.push_back(mlir::ShapedType::isDynamic(extent) ? -1 : extent);
  return getTypeName(shaped.getElementType(), shape);
}

/// "int4, block<1x32, f16>, dense" or "float32".
static std::string describeFormat(mlir::Type type) {
  if (auto formatted = dyn_cast<qnn::FormattedType>(type)) {
    std::string text = printAttribute(formatted.getFormat());
    StringRef inner = text;
    if (inner.consume_front("#qnn.format<"))
      inner.consume_back(">");
    return inner.str();
  }
  if (auto shaped = dyn_cast<mlir::ShapedType>(type))
    return getTypeName(shaped.getElementType());
  return {};
}

/// The model of an op's target, if it can be found without a diagnostic.
static const TargetModel *findModel(mlir::Operation *op) {
  qnn::TargetAttr attribute = getTargetAttr(op);
  if (!attribute)
    return nullptr;
  auto target = Targets::of(op->getContext()).resolve(attribute);
  if (target)
    return &(*target)->getModel();
  consumeError(target.takeError());
  return nullptr;
}

static std::optional<double> predictSeconds(qnn::WorkOpInterface op) {
  const TargetModel *model = findModel(op);
  if (!model)
    return std::nullopt;
  auto kernel = op->getAttrOfType<qnn::KernelAttr>("kernel");
  if (!kernel)
    return model->getCost(analysis::getWork(op)).seconds;
  std::string whyNot;
  for (const Candidate &candidate :
       model->getCandidates(qnn::getWork(op), whyNot))
    if (candidate.kernel == kernel)
      return candidate.cost.seconds;
  return std::nullopt;
}

/// Ops without an iteration space are not computations.
static void countWork(mlir::Operation *op, Layer &layer) {
  auto computes = dyn_cast<qnn::WorkOpInterface>(op);
  if (!computes)
    return;
  Work work = analysis::getWork(computes);
  layer.seconds = predictSeconds(computes);
  layer.macs = analysis::toInteger(work.macs);
  layer.isDynamic = work.macs != 0 && work.isOpen;
  for (const WorkOperand &operand : work.operands)
    if (operand.isConstant)
      layer.weightBytes += analysis::toInteger(operand.bytes);
}

/// Families of ops are one op with a kind.
std::string describeOp(mlir::Operation *op) {
  StringRef kind = TypeSwitch<mlir::Operation *, StringRef>(op)
                       .Case([](qnn::UnaryOp op) {
                         return qnn::stringifyUnaryKind(op.getKind());
                       })
                       .Case([](qnn::BinaryOp op) {
                         return qnn::stringifyBinaryKind(op.getKind());
                       })
                       .Case([](qnn::CompareOp op) {
                         return qnn::stringifyCompareKind(op.getKind());
                       })
                       .Case([](qnn::ReduceOp op) {
                         return qnn::stringifyReduceKind(op.getKind());
                       })
                       .Case([](qnn::PoolOp op) {
                         return qnn::stringifyPoolKind(op.getKind());
                       })
                       .Default(StringRef());
  StringRef name = op->getName().stripDialect();
  return kind.empty() ? name.str() : (name + "." + kind).str();
}

static Layer makeLayer(mlir::Operation *op) {
  Layer layer;
  if (std::optional<NodeLocation> node = getNode(op->getLoc())) {
    layer.name = node->name.str();
    layer.type = node->op.str();
  } else {
    layer.name = describe(op->getLoc());
  }
  layer.op = describeOp(op);
  layer.format = describeFormat(op->getResult(0).getType());
  for (mlir::Value operand : op->getOperands()) {
    if (!isa<mlir::ShapedType>(operand.getType()))
      continue;
    layer.inputs.push_back(describeType(operand.getType()));
  }
  for (mlir::Type type : op->getResultTypes())
    layer.outputs.push_back(describeType(type));
  countWork(op, layer);
  if (op->getNumOperands() > 1 && analysis::isConstant(op->getOperand(1)))
    layer.format =
        describeFormat(analysis::getStored(op->getOperand(1)).getType());
  if (qnn::TargetAttr target = getTargetAttr(op))
    layer.device = target.getName().str();
  if (auto kernel = op->getAttrOfType<qnn::KernelAttr>("kernel"))
    layer.kernel = kernel.getName().str();
  if (auto why = op->getAttrOfType<mlir::StringAttr>(qnn::kWhyNotAttrName))
    layer.whyNot = why.str();
  return layer;
}

std::vector<Layer> listLayers(mlir::ModuleOp module) {
  std::vector<Layer> layers;
  module.walk([&](mlir::Operation *op) {
    bool isQnn = isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) &&
                 op->getNumResults() != 0 &&
                 isa<mlir::ShapedType>(op->getResultTypes()[0]);
    // What only prepares constants is part of the layers that use them.
    bool prepares = all_of(op->getOperands(), analysis::isConstant);
    if (isQnn && !prepares)
      layers.push_back(makeLayer(op));
  });
  return layers;
}

json::Value toJSON(const Layer &layer) {
  return json::Object{
      {"name", json::fixUTF8(layer.name)},
      {"type", json::fixUTF8(layer.type)},
      {"op", layer.op},
      {"inputs", json::Array(layer.inputs)},
      {"outputs", json::Array(layer.outputs)},
      {"format", layer.format},
      {"weight_bytes", layer.weightBytes},
      {"macs", layer.macs},
      {"macs_are_per_open_extent", layer.isDynamic},
      {"predicted_seconds",
       layer.seconds ? json::Value(*layer.seconds) : json::Value(nullptr)},
      {"device", layer.device},
      {"kernel",
       layer.kernel.empty() ? json::Value(nullptr) : json::Value(layer.kernel)},
      {"why_not", layer.whyNot.empty() ? json::Value(nullptr)
                                       : json::Value(layer.whyNot)}};
}

json::Object makeReport(StringRef model, mlir::ModuleOp module) {
  json::Array list;
  int64_t withoutTime = 0;
  double macs = 0, bytes = 0, seconds = 0;
  bool isDynamic = false;
  for (const Layer &layer : listLayers(module)) {
    list.push_back(toJSON(layer));
    macs += static_cast<double>(layer.macs);
    bytes += static_cast<double>(layer.weightBytes);
    seconds += layer.seconds.value_or(0);
    withoutTime += !layer.seconds;
    isDynamic |= layer.isDynamic;
  }
  std::optional<json::Array> macsOfRun = describeMacs(module);
  return json::Object{{"model", json::fixUTF8(model)},
                      {"layers", std::move(list)},
                      {"macs", analysis::toInteger(macs)},
                      {"macs_are_per_open_extent", isDynamic},
                      {"macs_of_run", macsOfRun
                                          ? json::Value(std::move(*macsOfRun))
                                          : json::Value(nullptr)},
                      {"predicted_seconds", seconds},
                      {"layers_without_prediction", withoutTime},
                      {"weight_bytes", analysis::toInteger(bytes)}};
}

Expected<json::Object> readReport(const LoadedModel &model) {
  std::string symbol = model.getDescription().name + std::string("_layers");
  const auto *text = static_cast<const char *>(model.lookup(symbol.c_str()));
  if (!text)
    return json::Object{{"layers", nullptr}};
  Expected<json::Value> report = json::parse(text);
  if (!report || !report->getAsObject()) {
    consumeError(report.takeError());
    return makeDefect("the artifact's report of its layers is no JSON object");
  }
  return std::move(*report->getAsObject());
}

std::string formatCount(double count) {
  const char *units = " kMGTP";
  size_t unit = 0;
  for (; count >= 1000 && unit + 2 < strlen(units) + 1; ++unit)
    count /= 1000;
  std::string text;
  raw_string_ostream out(text);
  out << format(unit == 0     ? "%.0f"
                : count < 10  ? "%.2f"
                : count < 100 ? "%.1f"
                              : "%.0f",
                count);
  if (unit != 0)
    out << units[unit];
  return text;
}

static std::string joinStrings(const json::Array *array) {
  std::string text;
  if (array)
    for (const json::Value &value : *array)
      text +=
          (text.empty() ? "" : " ") + value.getAsString().value_or("").str();
  return text;
}

/// "12.3us", "4.56ms".
static std::string formatSeconds(std::optional<double> seconds) {
  if (!seconds)
    return "-";
  bool isLong = *seconds >= 1e-3;
  std::string text;
  raw_string_ostream(text) << format(isLong ? "%.3gms" : "%.3gus",
                                     *seconds * (isLong ? 1e3 : 1e6));
  return text;
}

using Row = std::vector<std::string>;

static Row makeRow(const json::Object &layer) {
  auto get = [&](StringRef key) {
    return layer.getString(key).value_or("").str();
  };
  double macs = static_cast<double>(layer.getInteger("macs").value_or(0));
  bool isDynamic = layer.getBoolean("macs_are_per_open_extent").value_or(false);
  return {get("name"),
          get("op"),
          joinStrings(layer.getArray("inputs")) + " -> " +
              joinStrings(layer.getArray("outputs")),
          get("format"),
          formatCount(static_cast<double>(
              layer.getInteger("weight_bytes").value_or(0))),
          macs == 0 ? "-" : formatCount(macs) + (isDynamic ? "*?" : ""),
          formatSeconds(layer.getNumber("predicted_seconds")),
          get("device"),
          layer.getString("kernel").value_or("-").str()};
}

std::string formatReport(const json::Object &report) {
  if (!report.getArray("layers"))
    return "layers are not known: it was compiled from IR behind phase "
           "'decide'\n";
  std::vector<Row> rows = {{"layer", "op", "shapes", "format", "weight bytes",
                            "MACs", "predicted", "device", "kernel"}};
  std::vector<std::string> reasons = {""};
  if (const json::Array *layers = report.getArray("layers")) {
    for (const json::Value &value : *layers) {
      const json::Object *layer = value.getAsObject();
      if (!layer)
        continue;
      rows.push_back(makeRow(*layer));
      reasons.push_back(layer->getString("why_not").value_or("").str());
    }
  }
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const Row &row : rows)
    for (auto [width, cell] : zip(widths, row))
      width = std::max(width, cell.size());
  std::string text;
  raw_string_ostream out(text);
  for (auto [row, reason] : zip(rows, reasons)) {
    std::string line;
    for (auto [width, cell] : zip(widths, row))
      line += cell + std::string(width - cell.size() + 2, ' ');
    out << StringRef(line).rtrim() << '\n';
    if (!reason.empty())
      out << "    no kernel: " << reason << '\n';
  }
  out << rows.size() - 1 << " layers, "
      << formatCount(static_cast<double>(report.getInteger("macs").value_or(0)))
      << " MACs, "
      << formatCount(
             static_cast<double>(report.getInteger("weight_bytes").value_or(0)))
      << " bytes of weights, "
      << formatSeconds(report.getNumber("predicted_seconds"))
      << " predicted for one core";
  if (int64_t without =
          report.getInteger("layers_without_prediction").value_or(0))
    out << " (less " << without << (without == 1 ? " layer" : " layers")
        << " without a predicted time)";
  if (auto arena = report.getInteger("arena_bytes"))
    out << ", " << formatCount(static_cast<double>(*arena))
        << " bytes of memory for a run (without open extents)";
  out << '\n';
  return text;
}

} // namespace qcc::driver
