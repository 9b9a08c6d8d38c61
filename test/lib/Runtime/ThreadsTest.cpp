// qccrt_parallel and concurrent runs. Built a second time with ThreadSanitizer.

#include "test/lib/Runtime/FakeModel.h"

#include "gtest/gtest.h"

#include <atomic>
#include <cstdlib>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

using namespace qcc::test;

namespace {

using Outputs = std::vector<DLManagedTensorVersioned *>;

struct Job {
  const float *x;
  float *y, *scratch;
  int64_t grain;
  std::atomic<int> wrong;
};

constexpr int64_t count = 10007; // no multiple of anything

// y = 2x + 1 by two parallel loops over arena memory.
int32_t compute(qccrt_run *run) {
  int64_t dims[] = {count};
  Job job;
  job.x = static_cast<const float *>(qccrt_input(run, 0));
  job.y = static_cast<float *>(qccrt_output(run, 0, 1, dims));
  job.scratch = static_cast<float *>(qccrt_arena(run, count * sizeof(float)));
  job.grain = 16;
  job.wrong = 0;
  if (!job.y || !job.scratch)
    return 1;
  qccrt_parallel(
      run,
      [](void *context, int64_t begin, int64_t end) {
        Job *job = static_cast<Job *>(context);
        job->wrong +=
            begin % job->grain != 0 || (end != count && end % job->grain != 0);
        for (int64_t i = begin; i < end; ++i)
          job->scratch[i] = 2 * job->x[i];
      },
      &job, count, job.grain);
  qccrt_parallel(
      run,
      [](void *context, int64_t begin, int64_t end) {
        Job *job = static_cast<Job *>(context);
        for (int64_t i = begin; i < end; ++i)
          job->y[i] = job->scratch[count - 1 - i] + 1;
      },
      &job, count, 1);
  return job.wrong;
}

void addSignature(FakeModel &model) {
  model.addInput("x", {{count, nullptr}}).addOutput("y", {{count, nullptr}});
}

// `seed` differs between callers, so that mixed-up memory shows.
void runAndCheck(FakeModel &model, int seed) {
  Tensor x(std::vector<float>(count), {count});
  for (int64_t i = 0; i < count; ++i)
    x.values[i] = static_cast<float>(i % 1000 + seed * 1000);
  Outputs out;
  Result result = model.run({&x.tensor}, out);
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  std::vector<float> y = takeValues(out[0]);
  for (int64_t i = 0; i < count; ++i)
    ASSERT_EQ(y[i], 2 * x.values[count - 1 - i] + 1);
}

class Threads : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Counts, Threads, testing::Values(1, 2, 3, 8));

TEST_P(Threads, CoverTheRangeOnce) {
  FakeModel model(compute);
  addSignature(model);
  ASSERT_EQ(model.open(makeEnv(GetParam())).status, QCC_OK);
  for (int i = 0; i < 50; ++i)
    runAndCheck(model, i);
}

TEST_P(Threads, WakeUpAfterSleep) {
  FakeModel model(compute);
  addSignature(model);
  ASSERT_EQ(model.open(makeEnv(GetParam())).status, QCC_OK);
  for (int i = 0; i < 5; ++i) {
    runAndCheck(model, i);
    usleep(5000);
  }
}

TEST_P(Threads, ConcurrentRunsOfOneModel) {
  FakeModel model(compute);
  addSignature(model);
  ASSERT_EQ(model.open(makeEnv(GetParam())).status, QCC_OK);
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&model, c] {
      for (int i = 0; i < 25; ++i)
        runAndCheck(model, c);
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST_P(Threads, Nest) {
  struct Nested {
    qccrt_run *run;
    std::atomic<int64_t> sum;
  };
  static std::atomic<int64_t> total;
  FakeModel model(+[](qccrt_run *run) {
    Nested nested;
    nested.run = run;
    nested.sum = 0;
    qccrt_parallel(
        run,
        [](void *context, int64_t begin, int64_t end) {
          Nested *nested = static_cast<Nested *>(context);
          for (int64_t i = begin; i < end; ++i)
            qccrt_parallel(
                nested->run,
                [](void *context, int64_t begin, int64_t end) {
                  static_cast<Nested *>(context)->sum += end - begin;
                },
                nested, 100, 1);
        },
        &nested, 20, 1);
    total = nested.sum.load();
    return 0;
  });
  ASSERT_EQ(model.open(makeEnv(GetParam())).status, QCC_OK);
  Outputs out;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(model.run({}, out).status, QCC_OK);
    ASSERT_EQ(total, 2000);
  }
}

TEST_P(Threads, ErrorsOfParallelBodies) {
  FakeModel model(+[](qccrt_run *run) {
    qccrt_parallel(
        run,
        [](void *context, int64_t, int64_t) {
          qccrt_fail(static_cast<qccrt_run *>(context), "index out of range");
        },
        run, 100, 1);
    return 1;
  });
  ASSERT_EQ(model.open(makeEnv(GetParam())).status, QCC_OK);
  Outputs out;
  Result result = model.run({}, out);
  EXPECT_EQ(result.status, QCC_MODEL_CHECK);
  EXPECT_EQ(result.message, "model 'fake': index out of range");
}

// ThreadSanitizer does not follow a process that forks beside its threads.
#if !defined(__SANITIZE_THREAD__) && !__has_feature(thread_sanitizer)
TEST(Parallel, AChildRunsAndClosesItsParentsModel) {
  FakeModel model(compute);
  addSignature(model);
  ASSERT_EQ(model.open(makeEnv(4)).status, QCC_OK);
  runAndCheck(model, 1);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20); // a child that waits for its parent's threads waits for ever
    runAndCheck(model, 2);
    qccrt_close(model.instance);
    _exit(HasFailure());
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  runAndCheck(model, 3);
}
#endif

TEST(Parallel, RunsSmallRangesInline) {
  FakeModel model(+[](qccrt_run *run) {
    std::thread::id self = std::this_thread::get_id();
    auto body = [](void *context, int64_t begin, int64_t end) {
      EXPECT_EQ(*static_cast<std::thread::id *>(context),
                std::this_thread::get_id());
      EXPECT_EQ(begin, 0);
      EXPECT_EQ(end, 8);
    };
    qccrt_parallel(run, body, &self, 8, 8);
    qccrt_parallel(run, body, &self, 0, 8);
    return 0;
  });
  ASSERT_EQ(model.open(makeEnv(4)).status, QCC_OK);
  Outputs out;
  EXPECT_EQ(model.run({}, out).status, QCC_OK);
}

/// Runs a model whose host has a parallel_for, and counts its calls.
int countHostsCalls(int32_t threads) {
  int calls = 0;
  qcc_env env = makeEnv(threads);
  env.user = &calls;
  env.parallel_for = [](void *user, void (*body)(void *, int64_t, int64_t),
                        void *context, int64_t n, int64_t grain) {
    ++*static_cast<int *>(user);
    for (int64_t begin = 0; begin < n; begin += grain)
      body(context, begin, std::min(begin + grain, n));
  };
  FakeModel model(compute);
  addSignature(model);
  EXPECT_EQ(model.open(env).status, QCC_OK);
  runAndCheck(model, 1);
  return calls;
}

TEST(Parallel, UsesTheHosts) {
  EXPECT_EQ(countHostsCalls(2), 2);
  EXPECT_EQ(countHostsCalls(1), 0);
  // Not the number of cores, which may be one, nor what is for own threads.
  setenv("QCC_NUM_THREADS", "1", 1);
  EXPECT_EQ(countHostsCalls(0), 2);
  unsetenv("QCC_NUM_THREADS");
}

} // namespace
