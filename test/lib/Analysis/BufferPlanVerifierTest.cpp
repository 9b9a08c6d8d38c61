// Planted faults are found, each by its sentence.

#include "lib/Analysis/BufferPlanVerifier.h"
#include "test/lib/Analysis/BufferProblems.h"

#include "gtest/gtest.h"

using namespace qcc::analysis;
using namespace qcc::test;

namespace {

/// Six buffers of 64 bytes in two spaces; the first one has no banks, the
/// second one has some of 128 bytes. Buffers 1 and 2 are dynamic.
struct Planned {
  Planned() {
    problem = makeProblem({makeBuffer(64, 0, 2, 64), makeBuffer(64, 1, 3, 64),
                           makeBuffer(64, 2, 4, 64), makeBuffer(64, 5, 6, 64),
                           makeBuffer(64, 0, 6, 64), makeBuffer(64, 0, 6, 64)});
    problem.spaces = {{256, 0}, {512, 128}};
    problem.buffers[1].isDynamic = problem.buffers[2].isDynamic = true;
    problem.buffers[4].space = problem.buffers[5].space = 1;
    problem.apart = {{4, 5}};
    plan.places = {{0, {}}, {64, {}}, {0, {1}}, {0, {}}, {0, {}}, {128, {}}};
    uses = {{0, 0}, {0, 2}, {3, 6}};
  }

  BufferProblem problem;
  BufferPlan plan;
  std::vector<BufferUse> uses;
};

TEST(BufferPlanVerifier, AGoodPlanHasNoFault) {
  Planned good;
  EXPECT_EQ(good.problem.check(), std::nullopt);
  EXPECT_EQ(verifyPlan(good.problem, good.plan, good.uses),
            std::vector<std::string>());
}

TEST(BufferPlanVerifier, PlantedFaultsAreFound) {
  struct Case {
    const char *sentence;
    void (*plant)(Planned &);
  };
  const Case cases[] = {
      // Two at one place.
      {"buffers 1 and 0 overlap while both are alive, in step 1",
       [](Planned &p) { p.plan.places[1].offset = 0; }},
      // One reaches into the other.
      {"buffers 1 and 0 overlap",
       [](Planned &p) { p.problem.buffers[0].bytes = {128}; }},
      // Apart under the scenario, but not under other sizes.
      {"buffers 2 and 1 overlap",
       [](Planned &p) { p.plan.places[2] = {128, {}}; }},
      // A life that is longer than was planned for.
      {"buffers 3 and 0 overlap while both are alive, in step 5",
       [](Planned &p) { p.problem.buffers[0].last = 5; }},
      // A use behind the end of its life, and one before its begin.
      {"buffer 0 is used in step 3 and not alive there",
       [](Planned &p) { p.uses.push_back({0, 3}); }},
      {"buffer 3 is used in step 4 and not alive there",
       [](Planned &p) { p.uses.push_back({3, 4}); }},
      {"a use of buffer 6, which there is not",
       [](Planned &p) { p.uses.push_back({6, 4}); }},
      {"buffer 3 at 32 is not aligned to 64",
       [](Planned &p) { p.plan.places[3].offset = 32; }},
      {"buffer 3 at -64 begins before its space",
       [](Planned &p) { p.plan.places[3].offset = -64; }},
      {"buffer 3 at 256 ends beyond the capacity of its space, 256",
       [](Planned &p) { p.plan.places[3].offset = 256; }},
      {"buffer 2 at 128 ends beyond the capacity of its space, 190",
       [](Planned &p) { p.problem.spaces[0].capacity = 190; }},
      {"buffer 5 at 64 crosses a border of banks",
       [](Planned &p) {
         p.plan.places[5].offset = 64;
         p.problem.buffers[5].bytes = {96};
       }},
      {"buffers 4 and 5 are read together and lie in one bank",
       [](Planned &p) { p.plan.places[5].offset = 64; }},
      {"the plan has 5 places for 6 buffers",
       [](Planned &p) { p.plan.places.pop_back(); }},
      {"rests on itself", [](Planned &p) { p.plan.places[1] = {0, {2}}; }},
      {"buffer 3 rests on something that is not in its space",
       [](Planned &p) { p.plan.places[3] = {0, {4}}; }},
  };
  for (const Case &c : cases) {
    Planned bad;
    c.plant(bad);
    std::string all;
    for (const std::string &fault : verifyPlan(bad.problem, bad.plan, bad.uses))
      all += fault + "\n";
    EXPECT_NE(all.find(c.sentence), std::string::npos)
        << "not found: " << c.sentence << "\nbut:\n"
        << all;
  }
}

} // namespace
