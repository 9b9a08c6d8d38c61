#include "lib/Interpreter/DotProducts.h"
#include "lib/Interpreter/Parallel.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace qcc::interpreter {
namespace {

// A block of gathered rows stays in the second-level cache while all columns
// pass it, a stretch of `maxStretch` numbers at a time.
constexpr int64_t blockRows = 16, maxStretch = 512, panelColumns = 1024;
constexpr int64_t macsWorthThreads = 4 << 20;

typedef double Lanes __attribute__((vector_size(32)));
constexpr int64_t numLanes = 4;

Lanes loadLanes(const double *from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

/// sums[i] += rows[i * depth ...] . column, for as many rows.
template <int64_t numRows>
void addDots(const double *rows, int64_t depth, const double *column,
             int64_t count, double *sums, int64_t sumStride) {
  Lanes partial[numRows] = {};
  int64_t k = 0;
  for (; k + numLanes <= count; k += numLanes) {
    Lanes c = loadLanes(column + k);
    for (int64_t i = 0; i < numRows; ++i)
      partial[i] += loadLanes(rows + i * depth + k) * c;
  }
  for (int64_t i = 0; i < numRows; ++i) {
    double sum =
        (partial[i][0] + partial[i][1]) + (partial[i][2] + partial[i][3]);
    for (int64_t j = k; j < count; ++j)
      sum += rows[i * depth + j] * column[j];
    sums[i * sumStride] += sum;
  }
}

/// The products of gathered rows with some columns, `stride` apart.
void multiplyBlock(const double *block, int64_t rows, const double *rhs,
                   int64_t columns, int64_t depth, double *result,
                   int64_t stride) {
  for (int64_t from = 0; from < depth; from += maxStretch) {
    int64_t count = std::min(maxStretch, depth - from);
    for (int64_t n = 0; n < columns; ++n) {
      const double *column = rhs + n * depth + from;
      int64_t m = 0;
      for (; m + 4 <= rows; m += 4)
        addDots<4>(block + m * depth + from, depth, column, count,
                   result + m * stride + n, stride);
      for (; m < rows; ++m)
        addDots<1>(block + m * depth + from, depth, column, count,
                   result + m * stride + n, stride);
    }
  }
}

void multiplyBlock(const uint64_t *block, int64_t rows, const uint64_t *rhs,
                   int64_t columns, int64_t depth, uint64_t *result,
                   int64_t stride) {
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < columns; ++n)
      for (int64_t k = 0; k < depth; ++k)
        result[m * stride + n] += block[m * depth + k] * rhs[n * depth + k];
}

template <typename T>
std::vector<T> multiplyBlocks(GatherRow<T> gatherRow, int64_t rows,
                              const T *rhs, int64_t columns, int64_t depth) {
  std::vector<T> result(rows * columns);
  // A task is some rows by some columns.
  int64_t panels = (columns + panelColumns - 1) / panelColumns;
  int64_t tasks = (rows + blockRows - 1) / blockRows * panels;
  std::atomic<int64_t> next = 0;
  auto work = [&] {
    std::vector<T> block(blockRows * depth);
    int64_t task, gathered = -1;
    while ((task = next.fetch_add(1)) < tasks) {
      int64_t first = task / panels * blockRows;
      int64_t column = task % panels * panelColumns;
      int64_t count = std::min(blockRows, rows - first);
      if (gathered != first)
        for (int64_t m = 0; m < count; ++m)
          gatherRow(first + m, block.data() + m * depth);
      gathered = first;
      multiplyBlock(block.data(), count, rhs + column * depth,
                    std::min(panelColumns, columns - column), depth,
                    result.data() + first * columns + column, columns);
    }
  };
  bool isWorthThreads = rows * columns * depth > macsWorthThreads;
  runOnThreads(isWorthThreads ? tasks : 1, work);
  return result;
}

} // namespace

std::vector<double> multiply(GatherRow<double> gatherRow, int64_t rows,
                             const double *rhs, int64_t columns,
                             int64_t depth) {
  return multiplyBlocks<double>(gatherRow, rows, rhs, columns, depth);
}

std::vector<uint64_t> multiply(GatherRow<uint64_t> gatherRow, int64_t rows,
                               const uint64_t *rhs, int64_t columns,
                               int64_t depth) {
  return multiplyBlocks<uint64_t>(gatherRow, rows, rhs, columns, depth);
}

bool isExactInDouble(double largestLhs, double largestRhs, int64_t depth) {
  constexpr double limit = 9007199254740992.0; // 2^53
  return largestLhs * largestRhs * static_cast<double>(depth) < limit;
}

} // namespace qcc::interpreter
