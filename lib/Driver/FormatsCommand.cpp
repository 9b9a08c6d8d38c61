#include "lib/Driver/Commands.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Session.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/FormatText.h"
#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "lib/Analysis/StorageSize.h"
#include "lib/Analysis/Work.h"
#include "qcc/Target/Registry.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

/// Extents of the matrix product that targets are asked about: large, and of
/// whole groups.
static constexpr int64_t kSampleExtent = 4096;

namespace {

/// A matrix product with constant weights, in no module.
class Sample {
public:
  explicit Sample(mlir::MLIRContext &context) {
    mlir::OpBuilder b(&context);
    mlir::Location loc = b.getUnknownLoc();
    auto type = mlir::RankedTensorType::get({kSampleExtent, kSampleExtent},
                                            b.getF32Type());
    block.addArguments({type, type}, {loc, loc});
    b.setInsertionPointToStart(&block);
    op = qnn::MatmulOp::create(b, loc, block.getArgument(0),
                               block.getArgument(1), /*transpose_b=*/true,
                               /*accumulators=*/false, /*kernel=*/nullptr);
    this->type = type;
  }

  double getBitsPerValue(qnn::FormatAttr format) const {
    return analysis::getStorageSize(qnn::FormattedType::get(type, format))
        .bitsPerValue;
  }

  /// The kernel of `model` for weights and activations in these formats, or
  /// why there is none.
  std::string findKernel(const TargetModel &model, qnn::FormatAttr weights,
                         qnn::FormatAttr input, std::string &whyNot) const {
    Work work = analysis::getWork(op);
    analysis::setFormat(work, 0, input);
    analysis::setFormat(work, 1, weights);
    work.operands[1].isConstant = true;
    qnn::Weights operand;
    operand.hasZeroPoints = weights.getScaling().hasZeroPoints();
    SmallVector<Candidate> candidates =
        qnn::getCandidates(work, operand, model, whyNot);
    return candidates.empty() ? "" : candidates.front().kernel.getName().str();
  }

private:
  mlir::Block block;
  qnn::MatmulOp op;
  mlir::RankedTensorType type;
};

struct Column {
  std::string target;
  std::string activations; ///< As users write it: "f32" for those as they are.
  qnn::FormatAttr input;   ///< Null: f32.
};

/// FORMATs that are part of the language, or known elsewhere, and refused.
struct Refused {
  StringLiteral format, why;
};

} // namespace

static constexpr Refused refused[] = {
    {"CODEC:NofM", "sparsity is not built yet"},
    {"CODEC:dynamic:token", "of weights: they are constant, and so are their "
                            "scales"},
    {"CODEC",
     "of activations: scales that are known before the run need "
     "calibration, which is not built yet; those above are of the run"},
};

static Expected<std::vector<Column>> getColumns(Session &session) {
  mlir::MLIRContext *context = &session.getContext();
  std::vector<Column> columns;
  for (const TargetInfo &target :
       session.getExtensions().getTargets().getTargets()) {
    columns.push_back({target.name, "f32", nullptr});
    for (std::string &text : qnn::getActivationFormats(context)) {
      Expected<qnn::FormatAttr> format =
          qnn::parseActivationFormat(context, text);
      if (!format)
        return format.takeError();
      columns.push_back({target.name, std::move(text), *format});
    }
  }
  return columns;
}

static Expected<const TargetModel *> getModel(Session &session,
                                              StringRef target) {
  mlir::MLIRContext *context = &session.getContext();
  Expected<const Target *> resolved =
      Targets::of(context).resolve(qnn::TargetAttr::get(context, target));
  if (!resolved)
    return resolved.takeError();
  return &(*resolved)->getModel();
}

static Expected<json::Value> listFormats(Session &session) {
  Sample sample(session.getContext());
  Expected<std::vector<Column>> columns = getColumns(session);
  if (!columns)
    return columns.takeError();
  mlir::MLIRContext *context = &session.getContext();
  const formats::CodecRegistry &codecs =
      context->getLoadedDialect<qnn::QNNDialect>()->getCodecs();
  json::Array list;
  for (const formats::NamedFormat &named : codecs.getFormats()) {
    qnn::FormatAttr format = qnn::getFormat(context, named);
    json::Array runs;
    for (const Column &column : *columns) {
      Expected<const TargetModel *> model = getModel(session, column.target);
      if (!model)
        return model.takeError();
      std::string whyNot;
      std::string kernel =
          sample.findKernel(**model, format, column.input, whyNot);
      json::Object run{{"target", column.target},
                       {"activations", column.activations}};
      if (kernel.empty())
        run["why_not"] = whyNot;
      else
        run["kernel"] = kernel;
      runs.push_back(std::move(run));
    }
    list.push_back(
        json::Object{{"codec", named.name},
                     {"format", qnn::getText(named)},
                     {"description", named.description},
                     {"bits_per_value", sample.getBitsPerValue(format)},
                     {"runs", std::move(runs)}});
  }
  return json::Value(std::move(list));
}

static void printRuns(const json::Array &runs, bool all) {
  for (const json::Value &value : runs) {
    const json::Object &run = *value.getAsObject();
    std::optional<StringRef> kernel = run.getString("kernel");
    if (!kernel && !all)
      continue;
    outs() << "    " << *run.getString("target") << ", activations "
           << *run.getString("activations") << ": "
           << (kernel ? *kernel : "no kernel: ")
           << (kernel ? "" : *run.getString("why_not")) << '\n';
  }
}

static void printFormats(const json::Array &list,
                         ArrayRef<std::string> activations, bool all) {
  outs() << "--weights=CODEC[:gN|:axis|:tensor]: gN shares an f16 scale among "
            "N values along the sum, axis an\nf32 scale among those of one "
            "output, tensor among all. Below: each codec with the scaling "
            "that\nit has if none is given, bits per value of rows of "
         << kSampleExtent << " values, and the kernels that run it.\n\n";
  for (const json::Value &value : list) {
    const json::Object &entry = *value.getAsObject();
    outs() << left_justify(*entry.getString("format"), 16)
           << format("%6.3f  ", *entry.getNumber("bits_per_value"))
           << *entry.getString("description") << '\n';
    printRuns(*entry.getArray("runs"), all);
  }
  outs() << "\n--activations=" << join(activations, "|")
         << ": an f32 scale for each row of a matrix product's left operand,\n"
            "computed at run time.\n\nThe interpreter (qcc run --interpret) "
            "runs all of them.\n";
  if (!all)
    return;
  outs() << "\nrefused:\n";
  for (const Refused &entry : refused)
    outs() << "  " << left_justify(entry.format, 32) << entry.why << '\n';
}

static void addRefused(json::Array &list) {
  for (const Refused &entry : refused)
    list.push_back(
        json::Object{{"format", entry.format}, {"why_refused", entry.why}});
}

static Error runFormats(const Arguments &arguments) {
  Session session(1, errs(), arguments.getExtensions());
  Expected<json::Value> list = listFormats(session);
  if (!list)
    return list.takeError();
  if (arguments.has("--json") && arguments.has("--all"))
    addRefused(*list->getAsArray());
  if (arguments.has("--json"))
    outs() << formatv("{0:2}\n", *list);
  else
    printFormats(*list->getAsArray(),
                 qnn::getActivationFormats(&session.getContext()),
                 arguments.has("--all"));
  return Error::success();
}

static constexpr OptionSpec options[] = {
    {"--all", "", "also what is refused, and why a target has no kernel"},
    {"--json", "", "print JSON"},
};
static const ArrayRef<OptionSpec> groups[] = {options, pluginOptions};

const Command commands::formats = {
    {"formats", "", "list the number formats",
     "Lists every format that --weights and --activations take, its bits per "
     "value, and the\nkernels of each target that run it on this machine's "
     "processor.",
     groups},
    runFormats};

} // namespace qcc::driver
