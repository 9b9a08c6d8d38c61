// The reference of every comparison: what a module means, computed by code that
// reads like a specification and shares no arithmetic with the backends but
// lib/Formats. docs/numerics.md is the contract it executes.
//
// It evaluates `func.func @main` of phase import to phase storage: qnn ops on
// plain and formatted tensors and on components, and the arith, affine, tensor,
// scf, cf and func ops beside them. It is slow on purpose, but for
// contractions, which reach 1 GMAC/s.

#ifndef LIB_INTERPRETER_INTERPRETER_H
#define LIB_INTERPRETER_INTERPRETER_H

#include "dialects/QNN/IR/FormattedType.h"
#include "qcc/Executor/Tensor.h"

#include "mlir/IR/BuiltinOps.h"

#include <variant>
#include <vector>

namespace qcc::interpreter {

/// A value of type !qnn.tensor.
struct FormattedTensor {
  /// With the extents that it has, all static.
  qnn::FormattedType type;
  /// In the type's order.
  std::vector<Tensor> components;

  /// Null when the format has none.
  const Tensor *get(qnn::Component::Kind kind) const;
};

/// Scalars, such as index values, are tensors of rank 0.
using RuntimeValue = std::variant<Tensor, FormattedTensor>;
using RuntimeValues = std::vector<RuntimeValue>;

/// Sees what each op gives, in the order of evaluation.
class Observer {
public:
  virtual ~Observer() = default;
  /// The values are of `op`'s results.
  virtual void observe(mlir::Operation *op,
                       llvm::ArrayRef<RuntimeValue> results) = 0;
};

/// Evaluates the module's @main. Inputs and results are in the order of its
/// arguments and results; a formatted one stands as its components. Values are
/// released after their last use. Errors name the op and its location.
llvm::Expected<std::vector<Tensor>> interpret(mlir::ModuleOp module,
                                              llvm::ArrayRef<Tensor> inputs,
                                              Observer *observer = nullptr);

/// The real values of a formatted value, as qnn.decode gives them.
llvm::Expected<Tensor> decode(const FormattedTensor &value);

/// The tensor that an attribute of a constant stands for, without copying the
/// data where that can be; it is valid as long as the attribute's data are.
llvm::Expected<Tensor> getTensor(mlir::Attribute attribute);

/// The attribute of a constant that has the tensor's elements: dense up to 4
/// KiB, and above it a resource blob that shares the tensor's bytes.
mlir::ElementsAttr getAttribute(const Tensor &tensor, llvm::StringRef name);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_INTERPRETER_H
