#include "lib/Interpreter/Parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace qcc::interpreter {

void runOnThreads(int64_t tasks, llvm::function_ref<void()> work) {
  int64_t count = std::min<int64_t>(std::thread::hardware_concurrency(), tasks);
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < count; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

void parallelFor(int64_t tasks, llvm::function_ref<void(int64_t)> fn) {
  std::atomic<int64_t> next = 0;
  runOnThreads(tasks, [&] {
    int64_t task;
    while ((task = next.fetch_add(1)) < tasks)
      fn(task);
  });
}

} // namespace qcc::interpreter
