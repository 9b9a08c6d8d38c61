// Builds qnn ops for the importer.
//
// Every function takes and returns tensors and does what its ONNX namesake
// would: operands are broadcast, and where two dynamic extents cannot be seen
// to be equal a qnn.expand comes before. Extents of all results are kept, so
// that a later op sees equal ones as equal.
//
// A value is null after an error, which has been reported; functions given a
// null value return null. So a handler need not check each step.

#ifndef LIB_IMPORT_ONNX_EMIT_H
#define LIB_IMPORT_ONNX_EMIT_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Analysis/ShapeValues.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"

namespace qcc::importer {

using mlir::OpFoldResult;
using mlir::Value;
using Extents = llvm::SmallVector<OpFoldResult>;
using Ints = llvm::ArrayRef<int64_t>;

/// Whether a tensor of the type could ever be made: its static extents do not
/// ask for more than 2^40 elements.
bool isSizeReasonable(mlir::ShapedType type);

class Emit {
public:
  /// Constants are put at the top of `entry`, all else where the builder
  /// stands.
  Emit(mlir::OpBuilder &builder, mlir::Block *entry)
      : b(builder), math(builder), values(builder, math),
        loc(builder.getUnknownLoc()), entry(entry) {}

  mlir::OpBuilder &b;
  analysis::IndexMath math;
  analysis::ShapeValues values;
  /// Of the ops that are made.
  mlir::Location loc;

  //===--------------------------------------------------------------------===//
  // Types and extents
  //===--------------------------------------------------------------------===//

  static mlir::RankedTensorType type(Value v) {
    return llvm::cast<mlir::RankedTensorType>(v.getType());
  }
  static mlir::Type element(Value v) { return type(v).getElementType(); }
  static int64_t rank(Value v) { return type(v).getRank(); }
  static Ints shape(Value v) { return type(v).getShape(); }
  static bool isFloat(Value v) {
    return llvm::isa<mlir::FloatType>(element(v));
  }

  OpFoldResult extent(Value v, int64_t axis);
  Extents extents(Value v);
  void setExtents(Value v, Extents extents);
  OpFoldResult numElements(Value v) { return math.product(extents(v)); }

  /// Fails at run time with `message` unless the i1 holds. Where it is known
  /// not to, that is an error now; but not in a branch of an If, which need not
  /// be taken.
  void check(OpFoldResult condition, const mlir::Twine &message);
  /// The same for extents that a run may find negative. To be called before
  /// they are given to an op.
  void checkNotNegative(llvm::ArrayRef<OpFoldResult> extents,
                        const mlir::Twine &message);

  /// An error at the current location; returns null.
  Value fail(const mlir::Twine &what);

  //===--------------------------------------------------------------------===//
  // Constants
  //===--------------------------------------------------------------------===//

  Value constant(mlir::ElementsAttr attribute);
  /// A scalar of the type, rounded to it.
  Value scalar(double value, mlir::Type type);
  Value scalarLike(double value, Value like) {
    return like ? scalar(value, element(like)) : Value();
  }
  /// A vector of i64.
  Value indices(Ints numbers);
  /// Extents as a vector of i64.
  Value fromExtents(llvm::ArrayRef<OpFoldResult> extents);
  /// `value` everywhere.
  Value splat(Value scalar, llvm::ArrayRef<OpFoldResult> extents);
  /// The elements of a constant of floats or integers; nothing if it is none or
  /// has more than `limit` elements.
  std::optional<llvm::SmallVector<double>> getNumbers(Value v,
                                                      int64_t limit = 64);

  //===--------------------------------------------------------------------===//
  // Element by element
  //===--------------------------------------------------------------------===//

  Value unary(qnn::UnaryKind kind, Value x);
  Value binary(qnn::BinaryKind kind, Value x, Value y);
  Value binary(qnn::BinaryKind kind, Value x, double y) {
    return binary(kind, x, scalarLike(y, x));
  }
  Value compare(qnn::CompareKind kind, Value x, Value y);
  Value select(Value condition, Value x, Value y);
  Value cast(Value x, mlir::Type element);
  Value bitcast(Value x, mlir::Type element);
  /// f16 and bf16 as f32, in which composite ops are computed.
  Value widen(Value x);

  Value add(Value x, Value y) { return binary(qnn::BinaryKind::add, x, y); }
  Value sub(Value x, Value y) { return binary(qnn::BinaryKind::sub, x, y); }
  Value mul(Value x, Value y) { return binary(qnn::BinaryKind::mul, x, y); }
  Value div(Value x, Value y) { return binary(qnn::BinaryKind::div, x, y); }
  Value add(Value x, double y) { return add(x, scalarLike(y, x)); }
  Value sub(Value x, double y) { return sub(x, scalarLike(y, x)); }
  Value mul(Value x, double y) { return mul(x, scalarLike(y, x)); }
  Value div(Value x, double y) { return div(x, scalarLike(y, x)); }
  Value max(Value x, Value y) { return binary(qnn::BinaryKind::max, x, y); }
  Value min(Value x, Value y) { return binary(qnn::BinaryKind::min, x, y); }

  /// What a broadcast of the values has.
  Extents broadcastExtents(llvm::ArrayRef<Value> operands);
  /// `v` so that qnn's elementwise ops may combine it with such extents.
  Value conform(Value v, llvm::ArrayRef<OpFoldResult> extents);

  //===--------------------------------------------------------------------===//
  // Shapes
  //===--------------------------------------------------------------------===//

  Value reshape(Value x, llvm::ArrayRef<OpFoldResult> extents);
  Value expand(Value x, llvm::ArrayRef<OpFoldResult> extents);
  Value transpose(Value x, Ints permutation);
  Value unsqueeze(Value x, Ints axes);
  Value squeeze(Value x, Ints axes);
  /// Of one element, without axes.
  Value asScalar(Value x);
  /// To rank 2: axes before `axis`, and from it on.
  Value flatten(Value x, int64_t axis);
  Value concat(llvm::ArrayRef<Value> parts, int64_t axis);
  Value slice(Value x, llvm::ArrayRef<OpFoldResult> offsets,
              llvm::ArrayRef<OpFoldResult> sizes, Ints strides = {});
  /// Along one axis.
  Value slice(Value x, int64_t axis, OpFoldResult offset, OpFoldResult size);
  Value pad(qnn::PadMode mode, Value x, llvm::ArrayRef<OpFoldResult> low,
            llvm::ArrayRef<OpFoldResult> high, Value value = {});
  Value gather(Value x, Value indices, int64_t axis);
  Value iota(llvm::ArrayRef<OpFoldResult> extents, int64_t axis,
             mlir::Type element);

  //===--------------------------------------------------------------------===//
  // Reductions and contractions
  //===--------------------------------------------------------------------===//

  Value reduce(qnn::ReduceKind kind, Value x, Ints axes, bool keepDims);
  Value cumulate(qnn::CumulateKind kind, Value x, int64_t axis,
                 bool exclusive = false, bool reverse = false);
  /// As numpy.matmul; operands of rank 1 included. Formats are allowed.
  Value matmul(Value x, Value y, bool transposeY = false,
               bool accumulators = false);
  /// exp(x - max) / sum along the axes.
  Value softmax(Value x, Ints axes);
  /// Its logarithm, without computing the softmax.
  Value logSoftmax(Value x, Ints axes);

  /// One op whose result type is inferred and which is verified; null and an
  /// error if it is not valid.
  template <typename OpT, typename... Args> Value make(Args &&...args);

private:
  /// Two operands of one element type, unless `mayDiffer`, by an op that
  /// broadcasts.
  template <typename OpT, typename Kind>
  Value combine(Kind kind, Value x, Value y, bool mayDiffer);
  /// The op that `state` describes, with inferred types if it has none.
  mlir::Operation *finish(mlir::Operation *op);
  Value finishWith(mlir::Operation *op, Extents extents);

  mlir::Block *entry;
  llvm::DenseMap<std::pair<Value, int64_t>, OpFoldResult> known;
  std::vector<std::pair<Value, int64_t>> log;
  llvm::DenseMap<mlir::Attribute, Value> constants;
  mlir::Operation *lastConstant = nullptr;

public:
  /// What is made inside a region is forgotten at its end.
  class Scope {
  public:
    explicit Scope(Emit &e);
    ~Scope();

  private:
    Emit &e;
    analysis::IndexMath::Scope math;
    analysis::ShapeValues::Scope values;
    size_t mark;
  };
};

template <typename OpT, typename... Args> Value Emit::make(Args &&...args) {
  // Built with a result type of no meaning first: a builder that infers aborts
  // where the operands do not fit, and the model decides what fits.
  mlir::OperationState state(loc, OpT::getOperationName());
  mlir::Type placeholder = b.getNoneType();
  OpT::build(b, state, placeholder, std::forward<Args>(args)...);
  llvm::SmallVector<mlir::Type> types;
  if (failed(OpT::inferReturnTypes(
          b.getContext(), loc, state.operands,
          state.attributes.getDictionary(b.getContext()),
          state.getRawProperties(), state.regions, types)))
    return {};
  state.types.assign(types.begin(), types.end());
  mlir::Operation *op = finish(b.create(state));
  return op ? op->getResult(0) : Value();
}

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_EMIT_H
