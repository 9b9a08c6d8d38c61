// What the files of ops share: values, the frame in which ops find and leave
// them, and the table of evaluators.
//
// An evaluator reads the operands of its op from a frame and sets the results.
// It may rely on the op's verifier, and on nothing that is known only at run
// time: whatever indices, extents and divisors a model computes, an evaluator
// answers with results or with an error, which the interpreter completes with
// the op's name and location.

#ifndef LIB_INTERPRETER_EVALUATION_H
#define LIB_INTERPRETER_EVALUATION_H

#include "dialects/QNN/IR/FormattedType.h"
#include "lib/Interpreter/Elements.h"
#include "lib/Interpreter/Interpreter.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <unordered_map>

namespace qcc::interpreter {

class Frame {
public:
  /// What evaluates the blocks of an op's regions. Null when there is nothing.
  using RunBlock = std::function<llvm::Expected<RuntimeValues>(
      mlir::Block &, llvm::ArrayRef<RuntimeValue> arguments)>;

  explicit Frame(RunBlock runBlock = nullptr) : runBlock(std::move(runBlock)) {}

  const RuntimeValue &get(mlir::Value value) const;
  bool has(mlir::Value value) const {
    return values.count(value.getAsOpaquePointer()) != 0;
  }

  /// A plain tensor or a scalar.
  const Tensor &getTensor(mlir::Value value) const {
    return std::get<Tensor>(get(value));
  }
  const FormattedTensor &getFormatted(mlir::Value value) const {
    return std::get<FormattedTensor>(get(value));
  }
  int64_t getInteger(mlir::Value value) const;

  /// A list of static numbers and of operands. Those that are extents and
  /// counts must not be negative; evaluators check.
  Shape getIntegers(llvm::ArrayRef<mlir::OpFoldResult> mixed) const;

  /// An error where `contents` is not of the value's type.
  llvm::Error set(mlir::Value value, RuntimeValue contents);
  llvm::Error set(mlir::Value value, Tensor contents) {
    return set(value, RuntimeValue(std::move(contents)));
  }
  llvm::Error set(mlir::Value value, llvm::Expected<Tensor> contents);
  void release(mlir::Value value) { values.erase(value.getAsOpaquePointer()); }

  RunBlock runBlock;

private:
  // Unlike a DenseMap, it leaves values where they are when others come.
  std::unordered_map<void *, RuntimeValue> values;
};

class Evaluators {
public:
  using Evaluate = std::function<llvm::Error(mlir::Operation *, Frame &)>;

  template <typename OpT> void add(llvm::Error (*evaluate)(OpT, Frame &)) {
    table[OpT::getOperationName()] = [evaluate](mlir::Operation *op,
                                                Frame &frame) {
      return evaluate(llvm::cast<OpT>(op), frame);
    };
  }

  /// Null when nothing evaluates such ops.
  const Evaluate *lookup(mlir::Operation *op) const;

private:
  llvm::StringMap<Evaluate> table;
};

void addArith(Evaluators &evaluators);
void addContractions(Evaluators &evaluators);
void addControl(Evaluators &evaluators);
void addConversions(Evaluators &evaluators);
void addElementwise(Evaluators &evaluators);
void addFormats(Evaluators &evaluators);
void addGathers(Evaluators &evaluators);
void addGridSample(Evaluators &evaluators);
void addMovement(Evaluators &evaluators);
void addPools(Evaluators &evaluators);
void addReductions(Evaluators &evaluators);
void addResize(Evaluators &evaluators);
void addStored(Evaluators &evaluators);
void addTensorDialect(Evaluators &evaluators);

/// All of them.
const Evaluators &getEvaluators();

/// Runs the evaluator of `op`; errors name the op and where it stands.
llvm::Error evaluateOp(mlir::Operation *op, Frame &frame);

/// The text of an error about `op`.
llvm::Error makeError(mlir::Operation *op, const llvm::Twine &what);

/// An error from an evaluator.
inline llvm::Error fail(const llvm::Twine &what) {
  return llvm::createStringError(what.str());
}

//===----------------------------------------------------------------------===//
// Formatted values
//===----------------------------------------------------------------------===//

/// A bundle of `components` whose values' type, as far as it is static, is
/// `type`.
llvm::Expected<FormattedTensor> wrap(qnn::FormattedType type,
                                     llvm::ArrayRef<Tensor> components);

/// `input` as qnn.encode gives it, with the scales and zero points of `type`.
llvm::Expected<FormattedTensor> encode(const Tensor &input,
                                       qnn::FormattedType type,
                                       llvm::ArrayRef<Tensor> parameters);

/// Scales and zero points by the rule of lib/Formats/AutoScale.h.
llvm::Expected<std::vector<Tensor>> makeParameters(const Tensor &input,
                                                   qnn::FormattedType type);

/// The zero points: one for each scale, or one for all.
std::vector<int64_t> getZeroPoints(const FormattedTensor &value);

/// The codes, decoded without scale: q - z, or what a table says; 0 where the
/// layout stores nothing.
std::vector<double> decodeUnscaled(const FormattedTensor &value);

/// Where the scales of elements stand: element c of row r, a line of innermost
/// elements, has the scale rows[r] + columns[c].
struct ScaleMap {
  ScaleMap(qnn::Scaling scaling, llvm::ArrayRef<int64_t> shape);

  int64_t length;
  std::vector<int64_t> rows, columns;
};

/// For each element the position of its scale.
std::vector<int64_t> getScalePositions(qnn::Scaling scaling,
                                       llvm::ArrayRef<int64_t> shape);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_EVALUATION_H
