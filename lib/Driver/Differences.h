// How a computed tensor differs from an expected one.

#ifndef LIB_DRIVER_DIFFERENCES_H
#define LIB_DRIVER_DIFFERENCES_H

#include "qcc/Executor/Tensor.h"

#include <vector>

namespace qcc::driver {

/// |got - expected| <= absolute + relative * |expected|, as
/// numpy.testing.assert_allclose. NaN agrees with NaN.
struct Tolerance {
  double relative = 1e-3, absolute = 1e-7;
};

struct Difference {
  /// Empty when the tensors have one type and shape.
  std::string mismatch;
  int64_t elements = 0;
  /// Elements outside of the tolerance.
  int64_t outside = 0;
  /// Over all elements that are finite in both.
  double maxAbsolute = 0, maxRelative = 0;
  /// The first element outside, or without one that of maxAbsolute.
  int64_t where = 0;
  double got = 0, expected = 0;
  /// Somewhere one is NaN or infinite and the other is not so.
  bool isSpecialOnOneSide = false;
  /// 10 log10 of the expected numbers' power by that of the differences.
  double sqnr = 0;

  bool agrees() const { return mismatch.empty() && outside == 0; }
};

Difference findDifference(const Tensor &got, const Tensor &expected,
                          Tolerance tolerance);

/// One line: what differs, how far, where.
std::string describe(const Difference &difference, llvm::StringRef name,
                     const Tensor &expected);

/// All elements as doubles; 64-bit integers are rounded.
std::vector<double> getNumbers(const Tensor &tensor);

} // namespace qcc::driver

#endif // LIB_DRIVER_DIFFERENCES_H
