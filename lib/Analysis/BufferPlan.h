// Where buffers lie in a memory, so that those that are alive at once do not
// meet and the memory is small. Plain data in, plain data out: no IR and no
// runtime, so that an arena, the body of a loop, a scratchpad and the memory of
// a device are planned by the same code.
//
// The problem. A buffer has a size, an alignment, and an interval of steps
// [first, last] in which it is alive. Two buffers with a step in common must
// not overlap. To find the least memory is NP-complete (dynamic storage
// allocation, Garey and Johnson, SR2), but the intervals of a program leave
// little to lose, and `getLiveBytes`, the most that is alive in one step, is a
// bound from below that tells when there is nothing to lose at all.
//
// clang-format off
//     buffer  bytes  alive in    place
//     a       32     0 to 1      0 to 32     dead before c is born
//     b       64     1 to 2      96 to 160   alive beside a, and beside c
//     c       96     2 to 4      0 to 96
//     d       32     3           96 to 128   dead b's
// clang-format on
//
// In step 2 are alive b and c, 160 bytes, and the plan has no more. With a and
// b placed first, as the program comes, c would begin at 96 and end at 192.
//
// The method. Buffers are taken in some order, each to the lowest gap (first
// fit) or to the tightest one (best fit) between those already placed that are
// alive beside it. Orders tried: size (Pisarchyk and Lee, "Efficient memory
// management for deep neural net inference", 2020, "greedy by size"), size
// times duration, duration, and the order of the program. The best is then
// improved: what lies on top is placed first and the rest as before, and some
// orders are disturbed by a generator of fixed seed. All of it ends as soon as
// the bound is reached, and is the same in every run.
//
// Sizes that only the run tells. A dynamic buffer has a size under each of a
// few *scenarios* (guesses of the extents), and the plan must hold under all
// sizes. It holds because of what is kept of a place: not a number but the
// buffers that it lies on top of,
//
//     start(i) = max over j in on(i) of end(j),
//
// and of two buffers that are alive at once one lies, through a chain of such
// pairs, on top of the other. Under the scenario that it was made for the plan
// is as tight as one of numbers; where all sizes grow in proportion it stays
// so. Plans made for each scenario are judged under all of them.
//
// Banks. A space may consist of banks of one size; no buffer crosses a border
// between two, and buffers that one instruction reads together (`apart`) lie in
// different ones.

#ifndef LIB_ANALYSIS_BUFFERPLAN_H
#define LIB_ANALYSIS_BUFFERPLAN_H

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace qcc::analysis {

/// A memory in which buffers are placed.
struct MemorySpace {
  int64_t capacity = std::numeric_limits<int64_t>::max();
  int64_t bankBytes = 0; ///< 0: the space has no banks.
};

struct PlannedBuffer {
  /// Bytes under each scenario, at least 1; all the same unless dynamic.
  std::vector<int64_t> bytes;
  bool isDynamic = false;
  unsigned first = 0, last = 0; ///< Steps in which it is alive, both included.
  int64_t alignment = 64;       ///< A power of two.
  unsigned space = 0;

  bool isAliveWith(const PlannedBuffer &other) const {
    return space == other.space && first <= other.last && other.first <= last;
  }
};

struct BufferProblem {
  unsigned scenarios = 1;
  std::vector<MemorySpace> spaces{MemorySpace()};
  std::vector<PlannedBuffer> buffers;
  /// Pairs that lie in different banks of their space.
  std::vector<std::pair<unsigned, unsigned>> apart;

  /// Why the problem makes no sense, in a sentence: a caller's mistake.
  std::optional<std::string> check() const;
};

/// Where a buffer lies: at `offset`, if `on` is empty; else directly above all
/// of `on`, which are dynamic or lie on such themselves. Sizes of buffers that
/// others lie on are multiples of their alignments.
struct Place {
  int64_t offset = 0;
  std::vector<unsigned> on;
};

struct BufferPlan {
  std::vector<Place> places; ///< One for each buffer.
};

/// Plans a problem of which check() has no complaint. A plan may exceed a
/// capacity, where none was found that does not: whoever set the capacity asks
/// getPlanBytes.
BufferPlan planBuffers(const BufferProblem &problem);

/// Where the buffers of a plan begin under a scenario.
std::vector<int64_t> getOffsets(const BufferProblem &problem,
                                const BufferPlan &plan, unsigned scenario);

/// Bytes of a space that the plan needs under a scenario.
int64_t getPlanBytes(const BufferProblem &problem, const BufferPlan &plan,
                     unsigned space, unsigned scenario);

/// The most bytes of a space that are alive in one step: no plan needs less.
int64_t getLiveBytes(const BufferProblem &problem, unsigned space,
                     unsigned scenario);

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_BUFFERPLAN_H
