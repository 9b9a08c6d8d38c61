#include "lib/Interpreter/Interpreter.h"
#include "lib/Interpreter/Evaluation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {
namespace {

constexpr unsigned maxCallDepth = 64;

/// Evaluates blocks of one function's body; calls are runs of their own.
class FunctionRun {
public:
  FunctionRun(SymbolTableCollection &symbols, Observer *observer,
              unsigned depth)
      : symbols(symbols), observer(observer), depth(depth),
        frame([this](Block &block, ArrayRef<RuntimeValue> arguments) {
          return runBlock(block, arguments);
        }) {}

  /// What the terminator of the block has as operands.
  Expected<RuntimeValues> runBlock(Block &block,
                                   ArrayRef<RuntimeValue> arguments);

private:
  Error runOp(Operation *op);
  Error call(func::CallOp call);
  const DenseMap<Operation *, SmallVector<Value>> &getLastUses(Block &block);

  SymbolTableCollection &symbols;
  Observer *observer;
  unsigned depth;
  Frame frame;
  /// For each block, what to release after which op.
  DenseMap<Block *, DenseMap<Operation *, SmallVector<Value>>> lastUses;
};

/// A value is last used where the last op of its block uses it or holds an op
/// that does; a value without uses is released where it was made.
const DenseMap<Operation *, SmallVector<Value>> &
FunctionRun::getLastUses(Block &block) {
  auto inserted = lastUses.try_emplace(&block);
  auto &uses = inserted.first->second;
  if (!inserted.second)
    return uses;
  auto note = [&](Value value, Operation *last) {
    for (Operation *user : value.getUsers()) {
      Operation *ancestor = block.findAncestorOpInBlock(*user);
      if (!last || last->isBeforeInBlock(ancestor))
        last = ancestor;
    }
    if (last)
      uses[last].push_back(value);
  };
  for (BlockArgument argument : block.getArguments())
    note(argument, nullptr);
  for (Operation &op : block)
    for (Value result : op.getResults())
      note(result, &op);
  return uses;
}

Error FunctionRun::runOp(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return this->call(call);
  return evaluateOp(op, frame);
}

Expected<RuntimeValues>
FunctionRun::runBlock(Block &block, ArrayRef<RuntimeValue> arguments) {
  assert(arguments.size() == block.getNumArguments());
  for (auto [argument, contents] :
       llvm::zip_equal(block.getArguments(), arguments))
    if (Error error = frame.set(argument, contents))
      return makeError(block.getParentOp(),
                       "argument " + llvm::Twine(argument.getArgNumber()) +
                           ": " + llvm::toString(std::move(error)));
  getLastUses(block);
  for (Operation &op : block.without_terminator()) {
    if (Error error = runOp(&op))
      return std::move(error);
    if (observer) {
      RuntimeValues results;
      for (Value result : op.getResults())
        results.push_back(frame.get(result));
      observer->observe(&op, results);
    }
    // Looked up anew: blocks within `op` may have been added.
    for (Value value : lastUses[&block].lookup(&op))
      frame.release(value);
  }
  RuntimeValues results;
  for (Value operand : block.getTerminator()->getOperands())
    results.push_back(frame.get(operand));
  for (Value value : lastUses[&block].lookup(block.getTerminator()))
    frame.release(value);
  return results;
}

Error FunctionRun::call(func::CallOp call) {
  auto callee =
      symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  if (!callee || callee.isDeclaration())
    return makeError(call, "@" + call.getCallee() + " has no body");
  if (depth == maxCallDepth)
    return makeError(call, "more than " + llvm::Twine(maxCallDepth) +
                               " calls are nested");
  RuntimeValues arguments;
  for (Value operand : call.getOperands())
    arguments.push_back(frame.get(operand));
  FunctionRun run(symbols, observer, depth + 1);
  auto results = run.runBlock(callee.getBody().front(), arguments);
  if (!results)
    return results.takeError();
  for (auto [result, contents] : llvm::zip_equal(call.getResults(), *results))
    if (Error error = frame.set(result, std::move(contents)))
      return error;
  return Error::success();
}

/// The arguments of main from inputs, in which each component stands by itself.
Expected<RuntimeValues> gatherArguments(func::FuncOp main,
                                        ArrayRef<Tensor> inputs) {
  RuntimeValues arguments;
  for (Type type : main.getArgumentTypes()) {
    auto formatted = dyn_cast<qnn::FormattedType>(type);
    size_t count = formatted ? formatted.getComponents().size() : 1;
    if (inputs.size() < count)
      return fail("@main takes more inputs than the " +
                  llvm::Twine(inputs.size()) + " left for argument " +
                  llvm::Twine(arguments.size()));
    if (!formatted) {
      arguments.push_back(inputs.front());
    } else {
      Expected<FormattedTensor> bundle =
          wrap(formatted, inputs.take_front(count));
      if (!bundle)
        return bundle.takeError();
      arguments.push_back(std::move(*bundle));
    }
    inputs = inputs.drop_front(count);
  }
  if (!inputs.empty())
    return fail("@main takes " + llvm::Twine(inputs.size()) +
                " input(s) fewer than it is given");
  return arguments;
}

} // namespace

Expected<std::vector<Tensor>>
interpret(ModuleOp module, ArrayRef<Tensor> inputs, Observer *observer) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isDeclaration())
    return fail("the module has no function @main with a body");
  if (!main.getBody().hasOneBlock())
    return fail("@main has several blocks; the interpreter takes structured "
                "control flow (scf) only");
  Expected<RuntimeValues> arguments = gatherArguments(main, inputs);
  if (!arguments)
    return arguments.takeError();
  SymbolTableCollection symbols;
  FunctionRun run(symbols, observer, 0);
  auto results = run.runBlock(main.getBody().front(), *arguments);
  if (!results)
    return results.takeError();
  std::vector<Tensor> outputs;
  for (RuntimeValue &result : *results) {
    if (auto *tensor = std::get_if<Tensor>(&result))
      outputs.push_back(std::move(*tensor));
    else
      llvm::append_range(outputs, std::get<FormattedTensor>(result).components);
  }
  return outputs;
}

} // namespace qcc::interpreter
