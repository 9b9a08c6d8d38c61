// What became of each layer of a model: what `qcc inspect` prints, --report
// writes, and an artifact carries as JSON in its constant NAME_layers.

#ifndef LIB_DRIVER_REPORT_H
#define LIB_DRIVER_REPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>
#include <vector>

namespace qcc::driver {

class LoadedModel;

struct Layer {
  /// The model's node; the op's place where there is none.
  std::string name;
  /// The model's op type.
  std::string type;
  /// qnn's op.
  std::string op;
  std::vector<std::string> inputs, outputs;
  /// Of the weights, or of the result without weights.
  std::string format;
  /// Of constant operands, as they are stored.
  int64_t weightBytes = 0;
  /// With open extents counted as 1; see isDynamic.
  int64_t macs = 0;
  bool isDynamic = false;
  /// What the target predicts for one core; nothing for what only relabels a
  /// value. An open extent is taken to be what the target thinks usual.
  std::optional<double> seconds;
  std::string device;
  /// Empty: generated code, no kernel of the target.
  std::string kernel;
  /// Why there is no kernel for the formats that were asked for.
  std::string whyNot;
};

/// The layers of a module behind phase `decide`, in its order.
std::vector<Layer> listLayers(mlir::ModuleOp module);

llvm::json::Value toJSON(const Layer &layer);
/// An object: the model's name, its layers, totals, and the products of a run
/// as describeMacs() has them. Of a module behind phase `decide`.
llvm::json::Object makeReport(llvm::StringRef model, mlir::ModuleOp module);

/// The report that an artifact carries. `layers` is null in that of one which
/// was compiled from IR in which layers are no more to be told apart.
llvm::Expected<llvm::json::Object> readReport(const LoadedModel &model);

/// A table for people, from makeReport's object.
std::string formatReport(const llvm::json::Object &report);

/// The kind of a qnn op, as reports call it: "matmul", "unary.exp".
std::string describeOp(mlir::Operation *op);

/// "1.5k", "23.4M": three digits and a unit.
std::string formatCount(double count);

} // namespace qcc::driver

#endif // LIB_DRIVER_REPORT_H
