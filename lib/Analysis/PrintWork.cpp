// Remarks on the work of each op. See Passes.td.

#include "lib/Analysis/Passes.h"
#include "lib/Analysis/Work.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace qcc::analysis {

#define GEN_PASS_DEF_PRINTWORK
#include "lib/Analysis/Passes.h.inc"

namespace {

std::string describeLoops(const qnn::IterationSpace &space) {
  SmallVector<std::string> loops;
  for (auto [extent, iterator] :
       llvm::zip_equal(space.extents, space.iterators))
    loops.push_back(
        (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent)) + " " +
        utils::stringifyIteratorType(iterator).str());
  return "[" + llvm::join(loops, ", ") + "]";
}

struct PrintWork : impl::PrintWorkBase<PrintWork> {
  void runOnOperation() override {
    getOperation()->walk([](qnn::WorkOpInterface op) { remark(op); });
    markAllAnalysesPreserved();
  }

private:
  static void remark(qnn::WorkOpInterface op) {
    Work work = getWork(op);
    op->emitRemark("loops ")
        << describeLoops(work.space) << ", " << toInteger(work.points)
        << " points, " << toInteger(work.macs) << " MACs, "
        << toInteger(work.getBytes()) << " bytes"
        << (work.isOpen ? ", with open extents counted as 1" : "");
    auto remarkEach = [&](StringRef what, ArrayRef<WorkOperand> operands) {
      for (auto [i, operand] : llvm::enumerate(operands)) {
        if (!operand.elementType)
          continue;
        InFlightDiagnostic remark = op->emitRemark(what) << " " << i << ": ";
        std::string map = "at indices that the loops do not tell";
        if (operand.map) {
          map.clear();
          llvm::raw_string_ostream(map) << operand.map;
        }
        remark << map << ", " << toInteger(operand.bytes) << " bytes"
               << (operand.isConstant ? ", constant" : "");
      }
    };
    remarkEach("operand", work.operands);
    remarkEach("result", work.results);
  }
};

} // namespace
} // namespace qcc::analysis
