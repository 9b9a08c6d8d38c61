// Plans are valid, and small: against the optimum in all small cases, and
// against random orders in larger ones.

#include "lib/Analysis/BufferPlanVerifier.h"
#include "test/lib/Analysis/BufferProblems.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>

using namespace qcc::analysis;
using namespace qcc::test;

namespace {

int64_t getBytes(const BufferProblem &problem, unsigned scenario = 0) {
  BufferPlan plan = planBuffers(problem);
  EXPECT_EQ(verifyPlan(problem, plan), std::vector<std::string>());
  return getPlanBytes(problem, plan, 0, scenario);
}

/// First fit in this order.
int64_t placeInOrder(const BufferProblem &problem,
                     const std::vector<unsigned> &order) {
  std::vector<int64_t> offsets(problem.buffers.size(), -1);
  int64_t most = 0;
  for (unsigned i : order) {
    const PlannedBuffer &buffer = problem.buffers[i];
    std::vector<std::pair<int64_t, int64_t>> occupied;
    for (unsigned j : order)
      if (offsets[j] >= 0 && buffer.isAliveWith(problem.buffers[j]))
        occupied.push_back(
            {offsets[j], offsets[j] + problem.buffers[j].bytes[0]});
    std::sort(occupied.begin(), occupied.end());
    int64_t offset = 0;
    for (auto [begin, end] : occupied)
      if (offset + buffer.bytes[0] > begin)
        offset = std::max(offset, end);
    offsets[i] = offset;
    most = std::max(most, offset + buffer.bytes[0]);
  }
  return most;
}

/// Some order leads first fit to an optimal plan: that of an optimal plan's
/// offsets.
int64_t findOptimum(const BufferProblem &problem) {
  std::vector<unsigned> order(problem.buffers.size());
  std::iota(order.begin(), order.end(), 0);
  int64_t best = placeInOrder(problem, order);
  while (std::next_permutation(order.begin(), order.end()))
    best = std::min(best, placeInOrder(problem, order));
  return best;
}

TEST(BufferPlan, ProblemsThatMakeNoSenseAreToldOf) {
  struct Case {
    const char *complaint;
    void (*damage)(BufferProblem &);
  };
  const Case cases[] = {
      {"there is no scenario", [](auto &p) { p.scenarios = 0; }},
      {"lies in a space that there is not",
       [](auto &p) { p.buffers[1].space = 1; }},
      {"needs one size for each scenario",
       [](auto &p) { p.buffers[1].bytes.clear(); }},
      {"has no bytes", [](auto &p) { p.buffers[1].bytes = {0}; }},
      {"dies before it is born", [](auto &p) { p.buffers[1].first = 9; }},
      {"no power of two", [](auto &p) { p.buffers[1].alignment = 3; }},
      {"is larger than a bank", [](auto &p) { p.spaces[0].bankBytes = 8; }},
      {"is dynamic and lies in a space with banks",
       [](auto &p) {
         p.spaces[0].bankBytes = 64;
         p.buffers[1].isDynamic = true;
       }},
      {"does not divide a bank",
       [](auto &p) {
         p.spaces[0].bankBytes = 48;
         p.buffers[1].alignment = 32;
       }},
      {"has several sizes and is not dynamic",
       [](auto &p) {
         p.scenarios = 2;
         p.buffers[0].bytes = {16, 16};
         p.buffers[1].bytes = {16, 32};
       }},
      {"capacity or banks below 0", [](auto &p) { p.spaces[0].capacity = -1; }},
      {"is not two buffers", [](auto &p) { p.apart = {{1, 1}}; }},
      {"is not in one space with banks", [](auto &p) { p.apart = {{0, 1}}; }},
  };
  BufferProblem good =
      makeProblem({makeBuffer(16, 0, 1), makeBuffer(16, 1, 2)});
  EXPECT_EQ(good.check(), std::nullopt);
  for (const Case &c : cases) {
    BufferProblem bad = good;
    c.damage(bad);
    auto complaint = bad.check();
    ASSERT_TRUE(complaint) << c.complaint;
    EXPECT_NE(complaint->find(c.complaint), std::string::npos) << *complaint;
  }
}

TEST(BufferPlan, NothingTakesNothing) {
  EXPECT_EQ(getBytes(makeProblem({})), 0);
}

TEST(BufferPlan, TheExampleOfTheHeader) {
  BufferProblem problem =
      makeProblem({makeBuffer(32, 0, 1), makeBuffer(64, 1, 2),
                   makeBuffer(96, 2, 4), makeBuffer(32, 3, 3)});
  EXPECT_EQ(getLiveBytes(problem, 0, 0), 160);
  EXPECT_EQ(getBytes(problem), 160);
}

// Five buffers, all combinations of three sizes and of lives among those that
// intervals of four steps allow.
TEST(BufferPlan, SmallCasesAreOptimal) {
  const std::pair<unsigned, unsigned> lives[] = {{0, 0}, {0, 1}, {0, 3}, {1, 1},
                                                 {1, 2}, {2, 3}, {3, 3}};
  for (unsigned code = 0; code < 7 * 7 * 7 * 7 * 7; code += 1) {
    BufferProblem problem;
    unsigned rest = code;
    for (unsigned i = 0; i < 5; ++i, rest /= 7)
      problem.buffers.push_back(makeBuffer(1 + (i * 5 + code) % 3,
                                           lives[rest % 7].first,
                                           lives[rest % 7].second));
    int64_t bytes = getBytes(problem);
    // The bound is nearly always the optimum, which is slow to find.
    if (bytes != getLiveBytes(problem, 0, 0)) {
      ASSERT_EQ(bytes, findOptimum(problem)) << code;
    }
  }
}

TEST(BufferPlan, RandomCasesOfSevenAreOptimal) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    BufferProblem problem = makeRandom(random, 7, false);
    int64_t bytes = getBytes(problem);
    if (bytes != getLiveBytes(problem, 0, 0)) {
      ASSERT_EQ(bytes, findOptimum(problem)) << i;
    }
  }
}

TEST(BufferPlan, NoRandomOrderIsMuchBetter) {
  std::mt19937 random(2);
  for (int i = 0; i < 8; ++i) {
    BufferProblem problem = makeRandom(random, 60, false);
    int64_t bytes = getBytes(problem);
    std::vector<unsigned> order(problem.buffers.size());
    std::iota(order.begin(), order.end(), 0);
    for (int k = 0; k < 1000; ++k) {
      std::shuffle(order.begin(), order.end(), random);
      EXPECT_LE(bytes, placeInOrder(problem, order) * 1.05);
    }
  }
}

TEST(BufferPlan, DynamicPlansHoldAndAreSmallUnderAllScenarios) {
  std::mt19937 random(3);
  double excess = 0;
  for (int i = 0; i < 50; ++i) {
    BufferProblem problem = makeRandom(random, 40, true);
    for (unsigned s = 0; s < problem.scenarios; ++s)
      excess += double(getBytes(problem, s)) / getLiveBytes(problem, 0, s);
  }
  EXPECT_LE(excess / 150, 1.1);
}

TEST(BufferPlan, DynamicPlansHoldUnderOtherSizes) {
  std::mt19937 random(4);
  for (int i = 0; i < 50; ++i) {
    BufferProblem problem = makeRandom(random, 30, true);
    BufferPlan plan = planBuffers(problem);
    for (PlannedBuffer &buffer : problem.buffers)
      if (buffer.isDynamic)
        buffer.bytes[0] = 64 * (1 + random() % 1000);
    std::vector<int64_t> offsets = getOffsets(problem, plan, 0);
    for (size_t a = 0; a < offsets.size(); ++a)
      for (size_t b = 0; b < a; ++b) {
        const PlannedBuffer &x = problem.buffers[a], &y = problem.buffers[b];
        EXPECT_TRUE(!x.isAliveWith(y) ||
                    offsets[a] + x.bytes[0] <= offsets[b] ||
                    offsets[b] + y.bytes[0] <= offsets[a]);
      }
  }
}

TEST(BufferPlan, BanksAreKept) {
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {
    BufferProblem problem = makeRandom(random, 20, false);
    problem.spaces[0].bankBytes = 4096;
    for (unsigned k = 0; k + 1 < 20; k += 2)
      problem.apart.push_back({k, k + 1});
    getBytes(problem);
  }
}

TEST(BufferPlan, SpacesAreApart) {
  BufferProblem problem =
      makeProblem({makeBuffer(64, 0, 1), makeBuffer(64, 0, 1)});
  problem.spaces.resize(2);
  problem.buffers[1].space = 1;
  BufferPlan plan = planBuffers(problem);
  EXPECT_EQ(verifyPlan(problem, plan), std::vector<std::string>());
  EXPECT_EQ(getPlanBytes(problem, plan, 0, 0), 64);
  EXPECT_EQ(getPlanBytes(problem, plan, 1, 0), 64);
}

TEST(BufferPlan, PlansAreTheSameInEveryRun) {
  std::mt19937 random(6);
  BufferProblem problem = makeRandom(random, 200, true);
  BufferPlan a = planBuffers(problem), b = planBuffers(problem);
  for (size_t i = 0; i < a.places.size(); ++i) {
    EXPECT_EQ(a.places[i].offset, b.places[i].offset);
    EXPECT_EQ(a.places[i].on, b.places[i].on);
  }
}

} // namespace
