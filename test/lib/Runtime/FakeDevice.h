// A device driver in the host's memory: it does nothing before wait(), counts
// what it has given, and fails where it is told to.

#ifndef TEST_LIB_RUNTIME_FAKEDEVICE_H
#define TEST_LIB_RUNTIME_FAKEDEVICE_H

#include "qcc/Runtime/Device.h"

#include <atomic>
#include <string>

namespace qcc::test {

enum class Call {
  Open,
  Alloc,
  Load,
  FindEntry,
  Begin,
  CopyIn,
  CopyOut,
  CopyWithin,
  Launch,
  Wait
};

/// What all fake devices of the process share.
struct FakeDevices {
  std::atomic<int> devices = 0, programs = 0, queues = 0, pieces = 0;
  std::atomic<int> allocations = 0; ///< Ever made.
  std::atomic<uint64_t> used = 0;   ///< Bytes of space 0.
  uint64_t capacity = 1 << 20;
  std::string machine; ///< Of the last open().

  /// The call of `failing` that is `failAt` calls away fails by `status`.
  Call failing = Call::Open;
  std::atomic<int> failAt = -1; ///< -1: none.
  int32_t status = QCC_DEVICE_FAILED;

  bool isEmpty() const {
    return !devices && !programs && !queues && !pieces && !used;
  }
};

FakeDevices &getFakeDevices();

/// Its code is a list of names of entry points, each ending in '\0'. "add"
/// takes (address, number, integer) and adds the integer to as many floats.
const qcc_device_driver &getFakeDriver();

} // namespace qcc::test

#endif // TEST_LIB_RUNTIME_FAKEDEVICE_H
