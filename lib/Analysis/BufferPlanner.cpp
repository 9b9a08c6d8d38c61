// The planner: greedy orders, an improvement, and the relation that holds under
// all sizes. See BufferPlan.h.

#include "lib/Analysis/BufferPlan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>
#include <tuple>

namespace qcc::analysis {

namespace {

enum class Fit { First, Best };

/// What the improvement may look at, in pairs of neighbours: some 10 ms.
constexpr size_t improvementBudget = 1 << 20;
constexpr size_t improvementRounds = 400;

using Order = std::vector<unsigned>;
using Offsets = std::vector<int64_t>;

/// Plans one space. Buffers not in it are in no order.
class SpacePlanner {
public:
  SpacePlanner(const BufferProblem &problem, unsigned space);
  void plan(BufferPlan &result);

private:
  struct Candidate {
    Order order;
    Fit fit = Fit::First;
    unsigned scenario = 0;
    Offsets offsets;
    double score = 0;
  };

  const PlannedBuffer &get(unsigned i) const { return problem.buffers[i]; }
  int64_t getEnd(const Candidate &plan, unsigned i) const {
    return plan.offsets[i] + get(i).bytes[plan.scenario];
  }
  bool isBelow(const Candidate &plan, unsigned i, unsigned j) const {
    return getEnd(plan, i) <= plan.offsets[j];
  }

  void findNeighbours();
  std::vector<Order> makeOrders(unsigned scenario) const;
  int64_t adjust(const Candidate &plan, const std::vector<bool> &isPlaced,
                 unsigned i, int64_t offset) const;
  int64_t findGap(const Candidate &plan, const std::vector<bool> &isPlaced,
                  unsigned i) const;
  void place(Candidate &plan) const;
  double judge(const Candidate &plan) const;
  Order sortByOffset(const Candidate &plan) const;
  void attempt(Candidate candidate);
  bool isOptimal() const { return best.score <= 1; }
  void improve();
  Order promoteTop(const Candidate &plan) const;
  void write(BufferPlan &result) const;
  std::vector<unsigned> getSupport(const std::vector<Order> &below,
                                   unsigned i) const;

  const BufferProblem &problem;
  MemorySpace space;
  Order members; ///< In the order of the program.
  std::vector<Order> neighbours, partners;
  size_t pairs = 0;
  bool isDynamic = false;
  std::vector<int64_t> bounds; ///< For each scenario.
  Candidate best;
};

SpacePlanner::SpacePlanner(const BufferProblem &problem, unsigned number)
    : problem(problem), space(problem.spaces[number]),
      neighbours(problem.buffers.size()), partners(problem.buffers.size()) {
  for (unsigned i = 0; i < problem.buffers.size(); ++i)
    if (get(i).space == number) {
      members.push_back(i);
      isDynamic |= get(i).isDynamic;
    }
  for (auto [a, b] : problem.apart) {
    partners[a].push_back(b);
    partners[b].push_back(a);
  }
  for (unsigned s = 0; s < problem.scenarios; ++s)
    bounds.push_back(getLiveBytes(problem, number, s));
  llvm::sort(members, [&](unsigned a, unsigned b) {
    return std::pair(get(a).first, a) < std::pair(get(b).first, b);
  });
  findNeighbours();
}

void SpacePlanner::findNeighbours() {
  Order alive;
  for (unsigned i : members) {
    llvm::erase_if(alive,
                   [&](unsigned j) { return get(j).last < get(i).first; });
    for (unsigned j : alive) {
      neighbours[i].push_back(j);
      neighbours[j].push_back(i);
    }
    pairs += alive.size() + 1;
    alive.push_back(i);
  }
}

std::vector<Order> SpacePlanner::makeOrders(unsigned scenario) const {
  using Key = std::function<double(const PlannedBuffer &)>;
  auto getSize = [=](const PlannedBuffer &b) {
    return static_cast<double>(b.bytes[scenario]);
  };
  auto getDuration = [](const PlannedBuffer &b) {
    return static_cast<double>(b.last - b.first) + 1;
  };
  const Key keys[] = {
      getSize,
      [=](const PlannedBuffer &b) { return getSize(b) * getDuration(b); },
      getDuration,
      [](const PlannedBuffer &b) { return -static_cast<double>(b.first); },
      // What never changes at the bottom, so that its places are constants.
      [=](const PlannedBuffer &b) {
        return b.isDynamic ? 1 - 1 / getSize(b) : getSize(b);
      },
  };
  std::vector<Order> orders;
  for (const Key &key : keys) {
    Order &order = orders.emplace_back(members);
    llvm::sort(order, [&](unsigned a, unsigned b) {
      return std::tuple(-key(get(a)), -getSize(get(a)), a) <
             std::tuple(-key(get(b)), -getSize(get(b)), b);
    });
  }
  return orders;
}

/// The lowest offset from this one on that alignment and banks allow.
int64_t SpacePlanner::adjust(const Candidate &plan,
                             const std::vector<bool> &isPlaced, unsigned i,
                             int64_t offset) const {
  offset = llvm::alignTo(offset, get(i).alignment);
  int64_t bank = space.bankBytes;
  if (bank == 0)
    return offset;
  if (offset / bank != (offset + get(i).bytes[0] - 1) / bank)
    offset = llvm::alignTo(offset, bank);
  auto isTaken = [&](unsigned j) {
    return isPlaced[j] && plan.offsets[j] / bank == offset / bank;
  };
  while (llvm::any_of(partners[i], isTaken))
    offset = (offset / bank + 1) * bank;
  return offset;
}

int64_t SpacePlanner::findGap(const Candidate &plan,
                              const std::vector<bool> &isPlaced,
                              unsigned i) const {
  std::vector<std::pair<int64_t, int64_t>> occupied;
  for (unsigned j : neighbours[i])
    if (isPlaced[j])
      occupied.emplace_back(plan.offsets[j], getEnd(plan, j));
  llvm::sort(occupied);
  int64_t size = get(i).bytes[plan.scenario];
  int64_t found = -1, tightest = 0, bottom = 0;
  for (auto [begin, end] : occupied) {
    int64_t offset = adjust(plan, isPlaced, i, bottom);
    int64_t gap = begin - bottom;
    if (offset + size <= begin && (found < 0 || gap < tightest)) {
      if (plan.fit == Fit::First)
        return offset;
      found = offset;
      tightest = gap;
    }
    bottom = std::max(bottom, end);
  }
  return found >= 0 ? found : adjust(plan, isPlaced, i, bottom);
}

void SpacePlanner::place(Candidate &plan) const {
  plan.offsets.assign(problem.buffers.size(), 0);
  std::vector<bool> isPlaced(problem.buffers.size());
  for (unsigned i : plan.order) {
    plan.offsets[i] = findGap(plan, isPlaced, i);
    isPlaced[i] = true;
  }
}

Order SpacePlanner::sortByOffset(const Candidate &plan) const {
  Order order = members;
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::pair(plan.offsets[a], a) < std::pair(plan.offsets[b], b);
  });
  return order;
}

/// The mean of bytes over bound under all scenarios; 1 is the best there is.
double SpacePlanner::judge(const Candidate &plan) const {
  double sum = 0;
  if (!isDynamic) {
    int64_t bytes = 0;
    for (unsigned i : members)
      bytes = std::max(bytes, getEnd(plan, i));
    return static_cast<double>(bytes) / bounds[0];
  }
  Order order = sortByOffset(plan);
  for (unsigned s = 0; s < problem.scenarios; ++s) {
    Offsets starts(problem.buffers.size());
    int64_t bytes = 0;
    for (unsigned i : order) {
      for (unsigned j : neighbours[i])
        if (isBelow(plan, j, i))
          starts[i] = std::max(starts[i], starts[j] + get(j).bytes[s]);
      starts[i] = llvm::alignTo(starts[i], get(i).alignment);
      bytes = std::max(bytes, starts[i] + get(i).bytes[s]);
    }
    sum += static_cast<double>(bytes) / bounds[s];
  }
  return sum / problem.scenarios;
}

void SpacePlanner::attempt(Candidate candidate) {
  place(candidate);
  candidate.score = judge(candidate);
  if (best.order.empty() || candidate.score < best.score)
    best = std::move(candidate);
}

/// What ends highest is placed first, and the rest as before.
Order SpacePlanner::promoteTop(const Candidate &plan) const {
  int64_t top = 0;
  for (unsigned i : members)
    top = std::max(top, getEnd(plan, i));
  Order order = plan.order;
  Order rest = order;
  auto isTop = [&](unsigned i) { return getEnd(plan, i) == top; };
  llvm::erase_if(rest, isTop);
  llvm::erase_if(order, [&](unsigned i) { return !isTop(i); });
  llvm::append_range(order, rest);
  return order;
}

void SpacePlanner::improve() {
  size_t rounds = std::min(improvementRounds, improvementBudget / pairs);
  uint64_t random = 1;
  auto draw = [&] { // Knuth's MMIX generator
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((random >> 33) % members.size());
  };
  Candidate walk = best;
  for (size_t round = 0; round < rounds && !isOptimal(); ++round) {
    Candidate next = round % 2 == 0 ? walk : best;
    if (round % 2 == 0) {
      next.order = promoteTop(walk);
    } else {
      for (int swap = 0; swap < 3; ++swap)
        std::swap(next.order[draw()], next.order[draw()]);
    }
    place(next);
    next.score = judge(next);
    if (round % 2 == 0)
      walk = next;
    if (next.score < best.score)
      best = std::move(next);
  }
}

/// Of the neighbours below, those that none of the others lies on.
Order SpacePlanner::getSupport(const std::vector<Order> &below,
                               unsigned i) const {
  Order support, candidates = below[i];
  llvm::sort(candidates, [&](unsigned a, unsigned b) {
    return std::pair(best.offsets[a], a) > std::pair(best.offsets[b], b);
  });
  for (unsigned j : candidates)
    if (llvm::none_of(support, [&](unsigned k) {
          return llvm::binary_search(below[k], j);
        }))
      support.push_back(j);
  return support;
}

void SpacePlanner::write(BufferPlan &result) const {
  if (!isDynamic) {
    for (unsigned i : members)
      result.places[i].offset = best.offsets[i];
    return;
  }
  std::vector<Order> below(problem.buffers.size());
  for (unsigned i : sortByOffset(best)) {
    for (unsigned j : neighbours[i])
      if (isBelow(best, j, i))
        below[i].push_back(j);
    llvm::sort(below[i]);
    Place &place = result.places[i];
    auto isConstant = [&](unsigned j) {
      return !get(j).isDynamic && result.places[j].on.empty();
    };
    if (llvm::all_of(below[i], isConstant)) {
      for (unsigned j : below[i])
        place.offset =
            std::max(place.offset, result.places[j].offset + get(j).bytes[0]);
      place.offset = llvm::alignTo(place.offset, get(i).alignment);
    } else {
      place.on = getSupport(below, i);
    }
  }
}

void SpacePlanner::plan(BufferPlan &result) {
  if (members.empty())
    return;
  for (unsigned s = 0; s < (isDynamic ? problem.scenarios : 1); ++s)
    for (const Order &order : makeOrders(s))
      for (Fit fit : {Fit::First, Fit::Best}) {
        Candidate candidate;
        candidate.order = order;
        candidate.fit = fit;
        candidate.scenario = s;
        attempt(std::move(candidate));
        if (isOptimal())
          return write(result);
      }
  improve();
  write(result);
}

} // namespace

BufferPlan planBuffers(const BufferProblem &problem) {
  assert(!problem.check() && "a problem that makes no sense");
  BufferPlan plan;
  plan.places.resize(problem.buffers.size());
  for (unsigned space = 0; space < problem.spaces.size(); ++space)
    SpacePlanner(problem, space).plan(plan);
  return plan;
}

} // namespace qcc::analysis
