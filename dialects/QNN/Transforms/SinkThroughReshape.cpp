// Puts transposes below reshapes. See Layout.h.
//
// A reshape splits and merges axes in groups: [N, C, H, W] to [N, g, C/g, H, W]
// has the groups N: N, C: g x C/g, H: H, W: W. Where the axes of each group lie
// side by side before the transpose as well, the reshape can be done there and
// the groups be transposed afterwards.

#include "dialects/QNN/Transforms/Layout.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;

namespace qcc::qnn {
namespace {

/// Axes of the input and of the result of a reshape that hold the same
/// elements.
struct Group {
  SmallVector<int64_t> from, to;
};

/// The elements of a shape but those along its dynamic axis.
int64_t countStatic(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= ShapedType::isDynamic(extent) ? 1 : extent;
  return count;
}

/// A unit extent of `from` that faces none of `to` belongs to no group.
FailureOr<SmallVector<Group>> findGroups(ArrayRef<int64_t> from,
                                         ArrayRef<int64_t> to) {
  // One dynamic extent on each side must be the same one.
  int64_t dynamic = llvm::count(from, ShapedType::kDynamic);
  if (dynamic > 1 || llvm::count(to, ShapedType::kDynamic) != dynamic ||
      countStatic(from) != countStatic(to) || llvm::is_contained(from, 0))
    return failure();
  SmallVector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size()) {
    if (from[i] == 1) {
      if (j < to.size() && to[j] == 1)
        groups.push_back(
            {{static_cast<int64_t>(i)}, {static_cast<int64_t>(j++)}});
      ++i;
      continue;
    }
    Group group;
    int64_t fromCount = 1, toCount = 1;
    bool isDynamic = ShapedType::isDynamic(from[i]);
    while (j < to.size() && to[j] == 1)
      group.to.push_back(j++);
    do {
      bool takeFrom = group.from.empty() || fromCount < toCount;
      size_t &position = takeFrom ? i : j;
      ArrayRef<int64_t> shape = takeFrom ? from : to;
      if (position == shape.size() ||
          ShapedType::isDynamic(shape[position]) != isDynamic)
        return failure();
      (takeFrom ? group.from : group.to).push_back(position);
      (takeFrom ? fromCount : toCount) *= isDynamic ? 1 : shape[position];
      ++position;
      if (isDynamic && takeFrom) {
        if (j == to.size() || !ShapedType::isDynamic(to[j]))
          return failure();
        group.to.push_back(j++);
      }
    } while (fromCount != toCount);
    groups.push_back(std::move(group));
  }
  while (j < to.size()) {
    if (groups.empty() || to[j] != 1)
      return failure();
    groups.back().to.push_back(j++);
  }
  return groups;
}

/// reshape(transpose(x)) is transpose'(reshape'(transpose''(x))), in which the
/// last transpose is the identity where the groups lie side by side in x.
struct SinkThroughReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "reads no transpose");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    auto groups =
        findGroups(transpose.getType().getShape(), op.getType().getShape());
    if (failed(groups))
      return rewriter.notifyMatchFailure(op, "mixes all axes");
    // Groups in the order in which they lie before the transpose.
    auto getFirst = [&](const Group &group) {
      return permutation[group.from[0]];
    };
    llvm::stable_sort(*groups, [&](const Group &a, const Group &b) {
      return getFirst(a) < getFirst(b);
    });
    SmallVector<int64_t> before, after;
    for (const Group &group : *groups) {
      for (int64_t axis : group.from)
        before.push_back(permutation[axis]);
      llvm::append_range(after, group.to);
    }
    SmallVector<int64_t> outer = invertPermutationVector(after);
    bool isAside = llvm::is_sorted(before);
    ArrayRef<int64_t> layout(kToFirst);
    bool isWorth = isAside ? permutation == layout || layout.equals(outer)
                           : isCancelled(op, outer);
    if (!isWorth)
      return rewriter.notifyMatchFailure(op, "would not save a transpose");
    rewrite(op, transpose.getInput(), isAside, before, after, outer, rewriter);
    return success();
  }

private:
  /// Whether all that reads `op` is a transpose that undoes `permutation`.
  static bool isCancelled(ReshapeOp op, ArrayRef<int64_t> permutation) {
    return llvm::all_of(op->getUsers(), [&](Operation *user) {
      auto transpose = dyn_cast<TransposeOp>(user);
      return transpose &&
             transpose.getPermutation() ==
                 ArrayRef<int64_t>(invertPermutationVector(permutation));
    });
  }

  static void rewrite(ReshapeOp op, Value input, bool isAside,
                      ArrayRef<int64_t> before, ArrayRef<int64_t> after,
                      ArrayRef<int64_t> outer, PatternRewriter &rewriter) {
    if (!isAside) {
      SmallVector<int64_t> inner(before);
      for (int64_t axis :
           llvm::seq(cast<RankedTensorType>(input.getType()).getRank()))
        if (!llvm::is_contained(before, axis)) // an extent of 1
          inner.push_back(axis);
      input = TransposeOp::create(rewriter, op.getLoc(), input, inner);
    }
    SmallVector<OpFoldResult> mixed = op.getMixedSizes(), sizes;
    for (int64_t axis : after)
      sizes.push_back(mixed[axis]);
    auto reshaped = ReshapeOp::create(rewriter, op.getLoc(), input, sizes);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, reshaped, outer);
  }
};

} // namespace

void populateSinkThroughReshapePatterns(RewritePatternSet &patterns) {
  patterns.add<SinkThroughReshape>(patterns.getContext());
}

} // namespace qcc::qnn
