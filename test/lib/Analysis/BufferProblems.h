// Problems of BufferPlan.h, by hand and at random.

#ifndef TEST_LIB_ANALYSIS_BUFFERPROBLEMS_H
#define TEST_LIB_ANALYSIS_BUFFERPROBLEMS_H

#include "lib/Analysis/BufferPlan.h"

#include <random>

namespace qcc::test {

inline analysis::PlannedBuffer makeBuffer(int64_t bytes, unsigned first,
                                          unsigned last,
                                          int64_t alignment = 1) {
  analysis::PlannedBuffer buffer;
  buffer.bytes = {bytes};
  buffer.first = first;
  buffer.last = last;
  buffer.alignment = alignment;
  return buffer;
}

inline analysis::BufferProblem
makeProblem(std::vector<analysis::PlannedBuffer> buffers) {
  analysis::BufferProblem problem;
  problem.buffers = std::move(buffers);
  return problem;
}

/// Buffers that live a few steps each, as those of a network.
inline analysis::BufferProblem makeRandom(std::mt19937 &random, unsigned count,
                                          bool isDynamic) {
  auto draw = [&](unsigned limit) { return unsigned(random() % limit); };
  analysis::BufferProblem problem;
  problem.scenarios = isDynamic ? 3 : 1;
  for (unsigned i = 0; i < count; ++i) {
    unsigned first = draw(count);
    int64_t unit = 64 * (1 + draw(40));
    analysis::PlannedBuffer buffer =
        makeBuffer(unit, first, first + draw(draw(8) == 0 ? count : 4), 64);
    buffer.isDynamic = isDynamic && draw(4) != 0;
    buffer.bytes.resize(problem.scenarios, unit);
    if (buffer.isDynamic) {
      bool isSquare = draw(3) == 0;
      for (unsigned s = 0; s < problem.scenarios; ++s)
        buffer.bytes[s] = unit * (isSquare ? (s + 1) * (s + 1) : s + 1);
    }
    problem.buffers.push_back(buffer);
  }
  return problem;
}

} // namespace qcc::test

#endif // TEST_LIB_ANALYSIS_BUFFERPROBLEMS_H
