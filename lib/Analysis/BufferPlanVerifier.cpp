#include "lib/Analysis/BufferPlanVerifier.h"

#include "llvm/ADT/BitVector.h"

namespace qcc::analysis {

namespace {

class Verifier {
public:
  Verifier(const BufferProblem &problem, const BufferPlan &plan)
      : problem(problem), plan(plan), count(problem.buffers.size()) {}

  std::vector<std::string> verify(const std::vector<BufferUse> &uses);

private:
  enum class Visit { New, Open, Done };

  bool checkReferences();
  bool visit(size_t i);
  int64_t getLeast(size_t i, unsigned scenario) const;
  void computeStarts();
  void checkPlace(size_t i);
  void checkPair(size_t i, size_t j);
  void checkBanks(size_t i, int64_t bank);
  void checkApart();
  void checkUses(const std::vector<BufferUse> &uses);
  bool isAlwaysBelow(size_t i, size_t j) const;

  std::string name(size_t i) const { return "buffer " + std::to_string(i); }
  void fault(const std::string &text) { faults.push_back(text); }

  const BufferProblem &problem;
  const BufferPlan &plan;
  size_t count;
  std::vector<std::string> faults;
  std::vector<Visit> visits;
  std::vector<size_t> order; ///< Each after those that it rests on.
  std::vector<llvm::BitVector> beneath;
  std::vector<std::vector<int64_t>> starts; ///< By scenario.
  std::vector<int64_t> lowest; ///< The start under the smallest sizes.
};

bool Verifier::checkReferences() {
  if (plan.places.size() != count) {
    fault("the plan has " + std::to_string(plan.places.size()) +
          " places for " + std::to_string(count) + " buffers");
    return false;
  }
  for (size_t i = 0; i < count; ++i)
    for (unsigned below : plan.places[i].on)
      if (below >= count ||
          problem.buffers[below].space != problem.buffers[i].space) {
        fault(name(i) + " rests on something that is not in its space");
        return false;
      }
  visits.assign(count, Visit::New);
  beneath.assign(count, llvm::BitVector(count));
  for (size_t i = 0; i < count; ++i)
    if (!visit(i)) {
      fault(name(i) + " rests on itself");
      return false;
    }
  return true;
}

/// A search in depth by hand: towers may be high.
bool Verifier::visit(size_t root) {
  std::vector<size_t> stack{root};
  while (!stack.empty()) {
    size_t i = stack.back();
    const std::vector<unsigned> &on = plan.places[i].on;
    if (visits[i] == Visit::New) {
      visits[i] = Visit::Open;
      for (unsigned below : on) {
        if (visits[below] == Visit::Open)
          return false;
        if (visits[below] == Visit::New)
          stack.push_back(below);
      }
      continue;
    }
    stack.pop_back();
    if (visits[i] == Visit::Done)
      continue;
    visits[i] = Visit::Done;
    order.push_back(i);
    for (unsigned below : on) {
      beneath[i] |= beneath[below];
      beneath[i].set(below);
    }
  }
  return true;
}

void Verifier::computeStarts() {
  auto compute = [&](auto getBytes) {
    std::vector<int64_t> result(count);
    for (size_t i : order) {
      int64_t start = plan.places[i].on.empty() ? plan.places[i].offset : 0;
      for (unsigned below : plan.places[i].on)
        start = std::max(start, result[below] + getBytes(below));
      int64_t rest = start % problem.buffers[i].alignment;
      if (!plan.places[i].on.empty() && rest != 0)
        start += problem.buffers[i].alignment - rest;
      result[i] = start;
    }
    return result;
  };
  for (unsigned s = 0; s < problem.scenarios; ++s)
    starts.push_back(
        compute([&](size_t i) { return problem.buffers[i].bytes[s]; }));
  lowest = compute([&](size_t i) {
    return problem.buffers[i].isDynamic ? 0 : problem.buffers[i].bytes[0];
  });
}

void Verifier::checkPlace(size_t i) {
  const PlannedBuffer &buffer = problem.buffers[i];
  const MemorySpace &space = problem.spaces[buffer.space];
  for (unsigned s = 0; s < problem.scenarios; ++s) {
    int64_t start = starts[s][i];
    std::string where = name(i) + " at " + std::to_string(start);
    if (start < 0)
      return fault(where + " begins before its space");
    if (start % buffer.alignment != 0)
      return fault(where + " is not aligned to " +
                   std::to_string(buffer.alignment));
    if (start > space.capacity || buffer.bytes[s] > space.capacity - start)
      return fault(where + " ends beyond the capacity of its space, " +
                   std::to_string(space.capacity));
  }
  if (space.bankBytes != 0)
    checkBanks(i, space.bankBytes);
}

void Verifier::checkBanks(size_t i, int64_t bank) {
  int64_t start = starts[0][i];
  int64_t end = start + problem.buffers[i].bytes[0];
  if (start / bank != (end - 1) / bank)
    fault(name(i) + " at " + std::to_string(start) +
          " crosses a border of banks");
}

/// Whether i ends before j begins under any sizes.
bool Verifier::isAlwaysBelow(size_t i, size_t j) const {
  if (beneath[j].test(i))
    return true;
  const PlannedBuffer &buffer = problem.buffers[i];
  return !buffer.isDynamic && plan.places[i].on.empty() &&
         plan.places[i].offset + buffer.bytes[0] <= lowest[j];
}

void Verifier::checkPair(size_t i, size_t j) {
  const PlannedBuffer &a = problem.buffers[i], &b = problem.buffers[j];
  if (a.space != b.space || a.last < b.first || b.last < a.first)
    return;
  if (!isAlwaysBelow(i, j) && !isAlwaysBelow(j, i))
    fault("buffers " + std::to_string(i) + " and " + std::to_string(j) +
          " overlap while both are alive, in step " +
          std::to_string(std::max(a.first, b.first)));
}

void Verifier::checkApart() {
  for (auto [a, b] : problem.apart) {
    int64_t bank = problem.spaces[problem.buffers[a].space].bankBytes;
    if (starts[0][a] / bank == starts[0][b] / bank)
      fault("buffers " + std::to_string(a) + " and " + std::to_string(b) +
            " are read together and lie in one bank");
  }
}

void Verifier::checkUses(const std::vector<BufferUse> &uses) {
  for (const BufferUse &use : uses)
    if (use.buffer >= count)
      fault("a use of buffer " + std::to_string(use.buffer) +
            ", which there is not");
    else if (use.step < problem.buffers[use.buffer].first ||
             use.step > problem.buffers[use.buffer].last)
      fault(name(use.buffer) + " is used in step " + std::to_string(use.step) +
            " and not alive there");
}

std::vector<std::string> Verifier::verify(const std::vector<BufferUse> &uses) {
  if (!checkReferences())
    return faults;
  computeStarts();
  for (size_t i = 0; i < count; ++i) {
    checkPlace(i);
    for (size_t j = 0; j < i; ++j)
      checkPair(i, j);
  }
  checkApart();
  checkUses(uses);
  return faults;
}

} // namespace

std::vector<std::string> verifyPlan(const BufferProblem &problem,
                                    const BufferPlan &plan,
                                    const std::vector<BufferUse> &uses) {
  return Verifier(problem, plan).verify(uses);
}

} // namespace qcc::analysis
