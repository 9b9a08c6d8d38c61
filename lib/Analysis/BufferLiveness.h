// When the buffers of a function are alive, in loops and branches too.
//
// Ops are numbered as they stand; an op with regions has a number before its
// body and one behind it. A buffer is alive from the first op that touches it
// or a view of it to the last one:
//
//     0   %a = alloc            a: 0 to 6    outlives the loop it is read in
//     1   scf.for {
//     2     %b = alloc          b: 2 to 4    anew in each iteration
//     3     use %a, %b
//     4     use %b
//     5     %c = alloc          c: 5 to 5    may lie where b lay
//     6   }
//
// What is made outside of a loop and touched inside lives through the whole
// loop. The branches of an scf.if have numbers one behind the other, so that
// what is made in them shares places. A buffer that a region yields lives where
// the result does: its *home* is the block of the op that has the region.
// One that a loop hands to its next iteration is *carried*: it is still read
// while the next one is made, so that no one place is enough.

#ifndef LIB_ANALYSIS_BUFFERLIVENESS_H
#define LIB_ANALYSIS_BUFFERLIVENESS_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

namespace qcc::analysis {

struct LiveBuffer {
  mlir::Value buffer;
  unsigned first = ~0u, last = 0;
  /// The ops of the program that touch it, as numbers.
  llvm::SmallVector<unsigned> uses;
  mlir::Block *home = nullptr;
  /// The op of `home` behind which nothing reads the buffer.
  mlir::Operation *lastUser = nullptr;
  bool isCarried = false;
};

class BufferLiveness {
public:
  /// Numbers the ops in `body`, at any depth.
  explicit BufferLiveness(mlir::Block &body);

  /// Of what an op in the body allocates. What may be a view of the buffer is
  /// followed through views, casts, selections and yields.
  LiveBuffer compute(mlir::Value buffer) const;

private:
  struct Steps {
    unsigned first, last;
  };
  void number(mlir::Block &block);
  void settle(LiveBuffer &live, llvm::ArrayRef<mlir::Operation *> users) const;

  llvm::DenseMap<mlir::Operation *, Steps> steps;
  unsigned next = 0;
};

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_BUFFERLIVENESS_H
