// Prints when buffers are alive and where a plan puts them. See Passes.td.

#include "lib/Analysis/AllocatedBuffers.h"
#include "lib/Analysis/Passes.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;

namespace qcc::analysis {

#define GEN_PASS_DEF_PRINTBUFFERPLAN
#include "lib/Analysis/Passes.h.inc"

namespace {

/// One number, or one for each scenario where they differ.
std::string print(ArrayRef<int64_t> numbers) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(llvm::all_equal(numbers) ? numbers.take_front() : numbers,
                   stream, "|");
  return text;
}

std::string
printEach(const BufferProblem &problem,
          llvm::function_ref<int64_t(unsigned scenario)> getNumber) {
  return print(llvm::map_to_vector(llvm::seq(problem.scenarios), getNumber));
}

void remarkPlan(FunctionOpInterface function) {
  auto isPlanned = [&](memref::AllocOp alloc, const LiveBuffer &live) {
    if (!live.isCarried)
      return true;
    alloc.emitRemark("is carried to the next iteration: no one place");
    return false;
  };
  AllocatedBuffers buffers =
      collectBuffers(function.getFunctionBody().front(), isPlanned);
  const BufferProblem &problem = buffers.problem;
  if (buffers.allocs.empty())
    return;
  BufferPlan plan = planBuffers(problem);
  std::vector<std::vector<int64_t>> offsets;
  for (unsigned s = 0; s < problem.scenarios; ++s)
    offsets.push_back(getOffsets(problem, plan, s));
  for (auto [i, alloc] : llvm::enumerate(buffers.allocs)) {
    const PlannedBuffer &buffer = problem.buffers[i];
    alloc.emitRemark() << print(buffer.bytes) << " bytes, alive in "
                       << buffer.first << " to " << buffer.last << ", at "
                       << printEach(problem, [&, i = i](unsigned s) {
                            return offsets[s][i];
                          });
  }
  function.emitRemark() << "plan of "
                        << printEach(problem,
                                     [&](unsigned s) {
                                       return getPlanBytes(problem, plan, 0, s);
                                     })
                        << " bytes, of which "
                        << printEach(problem,
                                     [&](unsigned s) {
                                       return getLiveBytes(problem, 0, s);
                                     })
                        << " are alive at once";
}

struct PrintBufferPlan : impl::PrintBufferPlanBase<PrintBufferPlan> {
  void runOnOperation() override {
    getOperation()->walk([](FunctionOpInterface function) {
      if (!function.isExternal())
        remarkPlan(function);
    });
    markAllAnalysesPreserved();
  }
};

} // namespace
} // namespace qcc::analysis
