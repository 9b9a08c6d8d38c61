// What this machine can do at most, measured in some hundred milliseconds.

#ifndef LIB_DRIVER_PEAK_H
#define LIB_DRIVER_PEAK_H

namespace qcc::driver {

struct Peak {
  double flops = 0; ///< f32 multiplications and additions a second.
  double bytes = 0; ///< Read from memory a second.
};

/// With `threads` threads at once.
Peak measurePeak(unsigned threads);

} // namespace qcc::driver

#endif // LIB_DRIVER_PEAK_H
