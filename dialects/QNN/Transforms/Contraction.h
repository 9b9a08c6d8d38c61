// What conv and matmul have in common for whoever picks and applies kernels.

#ifndef DIALECTS_QNN_TRANSFORMS_CONTRACTION_H
#define DIALECTS_QNN_TRANSFORMS_CONTRACTION_H

#include "dialects/QNN/IR/Ops.h"
#include "qcc/Target/TargetModel.h"

namespace qcc::qnn {

/// The constant weights of a contraction, as they are stored.
///
/// Plain weights are a constant. Formatted ones are a wrap of constants, or a
/// decode of it that a reshape and a transpose may follow: so an image's
/// weights can have blocks along all of their reduction,
///   conv %x, transpose(reshape(decode(%w : [K, R*S*C])) : [K, R, S, C]).
struct Weights {
  mlir::Value value;          ///< The plain constant, or the wrap's result.
  FormattedType type;         ///< Of the wrap; null for a plain constant.
  bool isMatrix = false;      ///< The wrap holds [K, R*S*C].
  bool hasZeroPoints = false; ///< As a component, and not all 0.

  FormatAttr getFormat() const {
    return type ? type.getFormat() : FormatAttr();
  }
};

bool isContraction(mlir::Operation *op);

/// The weights of a conv or matmul; failure, with a sentence in `whyNot`, where
/// no kernel could take them.
mlir::FailureOr<Weights> findWeights(mlir::Operation *op, std::string &whyNot);

/// Whether `kernel` can be applied to them, as far as that is no matter of the
/// target; else a sentence in `whyNot`.
bool canApply(KernelAttr kernel, const Weights &weights, std::string &whyNot);

/// The work of a contraction with such weights.
Work makeWork(mlir::Operation *op, const Weights &weights);

inline constexpr llvm::StringLiteral kWhyNotAttrName = "qnn.why_not";

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_CONTRACTION_H
