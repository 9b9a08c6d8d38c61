// Judges a plan of buffers, whoever made it. It shares no code with the planner
// and looks at every pair of buffers, on purpose.

#ifndef LIB_ANALYSIS_BUFFERPLANVERIFIER_H
#define LIB_ANALYSIS_BUFFERPLANVERIFIER_H

#include "lib/Analysis/BufferPlan.h"

namespace qcc::analysis {

/// A step at which a buffer is read or written.
struct BufferUse {
  unsigned buffer = 0;
  unsigned step = 0;
};

/// What is wrong with a plan, a sentence each; empty: nothing. Found are:
/// a place missing, or one that rests on itself;
/// buffers that overlap while both are alive, under any sizes;
/// a use outside of a buffer's lifetime;
/// a place that is not aligned or begins below 0;
/// a space filled beyond its capacity, under any scenario;
/// a buffer that crosses a border of banks, and two in one bank that must not.
std::vector<std::string> verifyPlan(const BufferProblem &problem,
                                    const BufferPlan &plan,
                                    const std::vector<BufferUse> &uses = {});

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_BUFFERPLANVERIFIER_H
