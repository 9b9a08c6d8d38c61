// What a plan is: the problem's check, offsets and sizes. The planner itself is
// in BufferPlanner.cpp.

#include "lib/Analysis/BufferPlan.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <map>

namespace qcc::analysis {

namespace {

std::string name(size_t buffer) {
  return "buffer " + std::to_string(buffer) + " ";
}

std::optional<std::string> checkBuffer(const BufferProblem &problem, size_t i) {
  const PlannedBuffer &buffer = problem.buffers[i];
  if (buffer.space >= problem.spaces.size())
    return name(i) + "lies in a space that there is not";
  if (buffer.bytes.size() != problem.scenarios)
    return name(i) + "needs one size for each scenario";
  for (int64_t bytes : buffer.bytes) {
    if (bytes < 1)
      return name(i) + "has no bytes";
    if (!buffer.isDynamic && bytes != buffer.bytes[0])
      return name(i) + "has several sizes and is not dynamic";
  }
  if (buffer.first > buffer.last)
    return name(i) + "dies before it is born";
  if (buffer.alignment < 1 || !llvm::isPowerOf2_64(buffer.alignment))
    return name(i) + "has an alignment that is no power of two";
  int64_t bank = problem.spaces[buffer.space].bankBytes;
  if (bank == 0)
    return std::nullopt;
  if (buffer.isDynamic)
    return name(i) + "is dynamic and lies in a space with banks";
  if (bank % buffer.alignment != 0)
    return name(i) + "has an alignment that does not divide a bank";
  if (buffer.bytes[0] > bank)
    return name(i) + "is larger than a bank";
  return std::nullopt;
}

int64_t getStart(const BufferProblem &problem, const BufferPlan &plan,
                 unsigned i, unsigned scenario,
                 const std::vector<int64_t> &offsets) {
  const Place &place = plan.places[i];
  int64_t start = place.offset;
  for (unsigned below : place.on)
    start = std::max(start,
                     offsets[below] + problem.buffers[below].bytes[scenario]);
  return place.on.empty()
             ? start
             : int64_t(llvm::alignTo(start, problem.buffers[i].alignment));
}

/// Each place after those that it lies on.
std::vector<unsigned> sortByStacking(const BufferPlan &plan) {
  std::vector<unsigned> missing, ready;
  std::vector<std::vector<unsigned>> above(plan.places.size());
  for (unsigned i = 0; i < plan.places.size(); ++i) {
    missing.push_back(plan.places[i].on.size());
    for (unsigned below : plan.places[i].on)
      above[below].push_back(i);
    if (missing[i] == 0)
      ready.push_back(i);
  }
  for (size_t next = 0; next < ready.size(); ++next)
    for (unsigned i : above[ready[next]])
      if (--missing[i] == 0)
        ready.push_back(i);
  return ready;
}

} // namespace

std::optional<std::string> BufferProblem::check() const {
  if (scenarios == 0)
    return "there is no scenario";
  for (const MemorySpace &space : spaces)
    if (space.capacity < 0 || space.bankBytes < 0)
      return "a space has a capacity or banks below 0";
  for (size_t i = 0; i < buffers.size(); ++i)
    if (auto complaint = checkBuffer(*this, i))
      return complaint;
  for (auto [a, b] : apart) {
    if (a >= buffers.size() || b >= buffers.size() || a == b)
      return "a pair to keep apart is not two buffers";
    if (buffers[a].space != buffers[b].space ||
        spaces[buffers[a].space].bankBytes == 0)
      return "a pair to keep apart is not in one space with banks";
  }
  return std::nullopt;
}

std::vector<int64_t> getOffsets(const BufferProblem &problem,
                                const BufferPlan &plan, unsigned scenario) {
  std::vector<int64_t> offsets(plan.places.size());
  for (unsigned i : sortByStacking(plan))
    offsets[i] = getStart(problem, plan, i, scenario, offsets);
  return offsets;
}

int64_t getPlanBytes(const BufferProblem &problem, const BufferPlan &plan,
                     unsigned space, unsigned scenario) {
  std::vector<int64_t> offsets = getOffsets(problem, plan, scenario);
  int64_t bytes = 0;
  for (size_t i = 0; i < offsets.size(); ++i)
    if (problem.buffers[i].space == space)
      bytes = std::max(bytes, offsets[i] + problem.buffers[i].bytes[scenario]);
  return bytes;
}

int64_t getLiveBytes(const BufferProblem &problem, unsigned space,
                     unsigned scenario) {
  // Of a step, what is born and what has died since the last one.
  std::map<unsigned, int64_t> change;
  for (const PlannedBuffer &buffer : problem.buffers) {
    if (buffer.space != space)
      continue;
    change[buffer.first] += buffer.bytes[scenario];
    change[buffer.last + 1] -= buffer.bytes[scenario];
  }
  int64_t alive = 0, most = 0;
  for (auto [step, bytes] : change)
    most = std::max(most, alive += bytes);
  return most;
}

} // namespace qcc::analysis
