// What conv and matmul have in common for whoever picks and applies kernels.

#ifndef DIALECTS_QNN_TRANSFORMS_CONTRACTION_H
#define DIALECTS_QNN_TRANSFORMS_CONTRACTION_H

#include "dialects/QNN/IR/Ops.h"
#include "qcc/Target/TargetModel.h"

namespace qcc::qnn {

/// The weights of a contraction, as they are stored: constant ones, or the
/// right operand of a product of activations.
///
/// Plain weights are a constant. Formatted ones are a wrap of constants, or a
/// decode of it that a reshape and a transpose may follow: so an image's
/// weights can have blocks along all of their reduction,
///   conv %x, transpose(reshape(decode(%w : [K, R*S*C])) : [K, R, S, C]).
struct Weights {
  mlir::Value value;          ///< The plain value, or the wrap's result.
  FormattedType type;         ///< Of the wrap; null for a plain value.
  bool isMatrix = false;      ///< The wrap holds [K, R*S*C].
  bool hasZeroPoints = false; ///< As a component, and not all 0.
  bool isProduct = false;     ///< Computed at run time, as the input is.
  /// Leading axes along which a matmul's right operand has matrices of its own;
  /// those between them and the last two are 1.
  int64_t batchAxes = 0;

  FormatAttr getFormat() const {
    return type ? type.getFormat() : FormatAttr();
  }
};

bool isContraction(mlir::Operation *op);

/// Whether its result are the sums of products of codes, modulo 2^32.
bool hasAccumulators(mlir::Operation *op);

/// The axis of an operand of a contraction whose indices can have a scale each
/// before the whole sum: the rows of a left operand, the columns of a right one
/// (a convolution's output channels); -1: none.
int64_t getKeptAxis(mlir::Operation *op, bool isLeft);

/// Whether one scale stands before the whole sum: elements of a value of this
/// shape that differ in other indices than that along the axis `kept` share it.
bool isConstantAlongSum(FormatAttr format, llvm::ArrayRef<int64_t> shape,
                        int64_t kept);

/// The permutation that exchanges the last two of `rank` axes.
llvm::SmallVector<int64_t> exchangeLastAxes(int64_t rank);

/// How many products of codes less their zero points signed integers of `bits`
/// bits hold the sum of, whatever the codes are. Formats of integer codes.
int64_t getMaxSumLength(FormatAttr lhs, FormatAttr rhs, unsigned bits);

/// Whether 64 bits hold its sums of products of such codes. A number of
/// products that is not known is taken to be below 2^31.
bool areSumsExact(mlir::Operation *op, FormatAttr lhs, FormatAttr rhs);

/// The weights of a conv or matmul; of a matmul they may be computed at run
/// time. Failure, with a sentence in `whyNot`, where no kernel could take them.
mlir::FailureOr<Weights> findWeights(mlir::Operation *op, std::string &whyNot);

/// Whether a value comes from constants alone: weights, of which a kernel is
/// expected.
bool isMadeOfConstants(mlir::Value value);

/// Whether `op` multiplies two activations in a way that kernels could.
bool isProduct(mlir::Operation *op);

/// Whether `kernel` can do `work` with such weights, as far as that is no
/// matter of the target; else a sentence in `whyNot`.
bool canApply(const Work &work, KernelAttr kernel, const Weights &weights,
              std::string &whyNot);

/// The work of a contraction with such weights: its second operand is what is
/// stored of them, with the outputs as its first axis.
Work makeWork(mlir::Operation *op, const Weights &weights);

/// The work of an op: of a contraction as kernels take it, where they can.
Work getWork(WorkOpInterface op);

/// The kernels of `model` that can be applied to the work of a contraction with
/// such weights, best first; empty, with a sentence in `whyNot`, where there is
/// none. Formats are those of the work, which no IR need have yet.
llvm::SmallVector<Candidate> getCandidates(const Work &work,
                                           const Weights &weights,
                                           const TargetModel &model,
                                           std::string &whyNot);

/// The same for a contraction as it stands in the IR.
llvm::SmallVector<Candidate> getCandidates(mlir::Operation *op,
                                           const TargetModel &model,
                                           std::string &whyNot);

inline constexpr llvm::StringLiteral kWhyNotAttrName = "qnn.why_not";

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_CONTRACTION_H
