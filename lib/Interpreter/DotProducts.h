// Many dot products at 1 GMAC/s and more, without vendor libraries.

#ifndef LIB_INTERPRETER_DOTPRODUCTS_H
#define LIB_INTERPRETER_DOTPRODUCTS_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <vector>

namespace qcc::interpreter {

/// Writes row m of a matrix, `depth` numbers.
template <typename T>
using GatherRow = llvm::function_ref<void(int64_t m, T *row)>;

/// The [rows, columns] products of the gathered rows with `rhs`, [columns,
/// depth]. Sums run in double, in an order that depends on `depth` only; so the
/// result does not depend on the number of threads.
std::vector<double> multiply(GatherRow<double> gatherRow, int64_t rows,
                             const double *rhs, int64_t columns, int64_t depth);

/// The same modulo 2^64, for integers too large for double.
std::vector<uint64_t> multiply(GatherRow<uint64_t> gatherRow, int64_t rows,
                               const uint64_t *rhs, int64_t columns,
                               int64_t depth);

/// Whether sums of `depth` products of integers are exact in double.
bool isExactInDouble(double largestLhs, double largestRhs, int64_t depth);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_DOTPRODUCTS_H
