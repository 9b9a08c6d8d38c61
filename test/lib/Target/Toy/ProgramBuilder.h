// From ops of phase storage to instructions. Values are words in memory, one
// for each element: an integer code of 8 bits is the i32 of the same value.

#ifndef TEST_LIB_TARGET_TOY_PROGRAMBUILDER_H
#define TEST_LIB_TARGET_TOY_PROGRAMBUILDER_H

#include "dialects/QNN/IR/Ops.h"
#include "test/lib/Target/Toy/Assembler.h"
#include "test/lib/Target/Toy/Program.h"

#include "llvm/ADT/DenseMap.h"

namespace qcc::toy {

/// The shape that a program sees: one sample. Nothing where another extent than
/// the first is known only to a run.
std::optional<Extents> getSampleShape(mlir::Type type);

/// Of elements, as words hold them: nothing where the toy has none of them.
std::optional<toy_type> getWordType(mlir::Type element);

/// Ops that make no value in memory: extents are known to the host.
bool hasNoCode(mlir::Operation *op);

/// Errors: `what` of an op, a value, an input or output of the model.
mlir::LogicalResult refuse(mlir::Operation *op, const llvm::Twine &what);
mlir::LogicalResult refuseType(mlir::Location loc, mlir::Type type);
mlir::LogicalResult refusePort(mlir::Location loc, mlir::Type type);

class ProgramBuilder {
public:
  explicit ProgramBuilder(mlir::func::FuncOp main) : main(main) {}

  mlir::FailureOr<Program> build();

private:
  // ProgramBuilder.cpp: values and their memory.
  mlir::LogicalResult planWorkspace();
  mlir::LogicalResult addConstant(mlir::Value value, mlir::Attribute elements);
  mlir::LogicalResult emit(mlir::Operation *op);
  mlir::FailureOr<Port> makePort(mlir::Value value);
  View getView(mlir::Value value) { return views.lookup(value); }

  // EmitElementwise.cpp
  mlir::LogicalResult emitUnary(qnn::UnaryOp op);
  mlir::LogicalResult emitBinary(qnn::BinaryOp op);
  mlir::LogicalResult emitEncode(qnn::EncodeStoredOp op);
  mlir::LogicalResult emitDecode(qnn::DecodeStoredOp op);

  // EmitMovement.cpp
  void copy(const View &from, const View &to);
  mlir::LogicalResult emitPad(qnn::PadOp op);
  mlir::LogicalResult emitTranspose(qnn::TransposeOp op);
  mlir::LogicalResult emitPool(qnn::PoolOp op);

  // EmitContract.cpp
  mlir::LogicalResult emitContract(qnn::ContractOp op);

  mlir::func::FuncOp main;
  Assembler assembler;
  llvm::DenseMap<mlir::Value, View> views;
  Program program;
};

} // namespace qcc::toy

#endif // TEST_LIB_TARGET_TOY_PROGRAMBUILDER_H
