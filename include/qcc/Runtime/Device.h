// What a device driver implements: the C interface between the runtime of an
// artifact and a device that runs part of the model.
//
// A target gives its driver as an object for the host's processor, which is
// linked, hidden, into every artifact that needs it: an artifact needs nothing
// beside itself. A driver for hardware may look for its vendor's library when
// it is opened (dlopen), and then says by an error that there is none.
//
// Units. All sizes and strides are bytes. An address is a number below 2^64
// that only the device understands; address + offset is an address within the
// same memory. 0 is none.
//
// Spaces. A device numbers its memories from 0, which is where constants lie.
// Spaces that its programs manage by themselves (a scratchpad) need no number.
//
// Order. Copies and launches are put into a queue and are done in order, as if
// each began when the one before it ended; queues are independent. They may be
// done later: host memory that a copy reads or writes stays where it is, and is
// not touched, until wait() of its queue returns.
//
// Threads. Every function may be called from several threads at once, but a
// queue only by one at a time. No function is called after close().
//
// Ownership. What open(), load(), begin() and alloc() give is given back by
// close(), unload(), end() and free(); a device is closed when nothing of it is
// left. The runtime keeps `code`, entry names and its arguments alive.
//
// Errors. A function that can fail returns a qcc_device_status, and where it is
// not QCC_DEVICE_OK it has written a sentence: what went wrong, with the
// numbers that show it. The runtime puts model, device and what was asked
// before it. A function that failed has given nothing and changed nothing;
// after a failed wait() nothing is known of the memory that its queue was to
// write.

#ifndef QCC_RUNTIME_DEVICE_H
#define QCC_RUNTIME_DEVICE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qcc_device_status {
  QCC_DEVICE_OK = 0,
  /// There is no such device here, or it does not let itself be used.
  QCC_DEVICE_UNAVAILABLE = 1,
  QCC_DEVICE_OUT_OF_MEMORY = 2,
  /// Code, address or argument that the device refuses: a defect of qcc.
  QCC_DEVICE_REFUSED = 3,
  /// The device failed while it worked.
  QCC_DEVICE_FAILED = 4
} qcc_device_status;

/// Where a driver writes its sentence, ending in '\0'. UTF-8, without a full
/// stop.
typedef struct qcc_device_error {
  char text[256];
} qcc_device_error;

/// The driver's own; each driver defines what it needs.
typedef struct qcc_device qcc_device;
typedef struct qcc_device_program qcc_device_program;
typedef struct qcc_device_queue qcc_device_queue;

/// `rows` pieces of `row_bytes` each, which begin every so many bytes. Neither
/// of source and destination overlaps itself or the other.
typedef struct qcc_device_block {
  uint64_t row_bytes;
  uint64_t rows; ///< 1, and the strides have no meaning: one dense piece.
  uint64_t from_stride;
  uint64_t to_stride;
} qcc_device_block;

#define QCC_DEVICE_ABI_VERSION 1

typedef struct qcc_device_driver {
  uint32_t abi_version; ///< QCC_DEVICE_ABI_VERSION
  uint32_t size;        ///< sizeof(qcc_device_driver); later fields are added.
  const char *name;     ///< The kind of device.
  int32_t num_spaces;   ///< At least 1.

  /// `machine` is what the model was compiled for, in the target's words; "" if
  /// they need none.
  int32_t (*open)(const char *machine, qcc_device **device,
                  qcc_device_error *error);
  void (*close)(qcc_device *device);

  /// Bytes of a space, used or not.
  uint64_t (*get_capacity)(qcc_device *device, int32_t space);
  /// Uninitialized memory, 64-byte aligned. `bytes` is not 0.
  int32_t (*alloc)(qcc_device *device, int32_t space, uint64_t bytes,
                   uint64_t *address, qcc_device_error *error);
  void (*free)(qcc_device *device, int32_t space, uint64_t address);

  /// Checks `code`, the target's own format, and makes it ready to run.
  int32_t (*load)(qcc_device *device, const void *code, uint64_t bytes,
                  qcc_device_program **program, qcc_device_error *error);
  void (*unload)(qcc_device *device, qcc_device_program *program);
  /// An entry point of the program, by which launch() knows it.
  int32_t (*find_entry)(qcc_device *device, qcc_device_program *program,
                        const char *name, uint64_t *entry,
                        qcc_device_error *error);

  int32_t (*begin)(qcc_device *device, qcc_device_queue **queue,
                   qcc_device_error *error);
  /// Waits for what is under way, if need be.
  void (*end)(qcc_device *device, qcc_device_queue *queue);

  int32_t (*copy_in)(qcc_device_queue *queue, uint64_t to, const void *from,
                     const qcc_device_block *block, qcc_device_error *error);
  int32_t (*copy_out)(qcc_device_queue *queue, void *to, uint64_t from,
                      const qcc_device_block *block, qcc_device_error *error);
  int32_t (*copy_within)(qcc_device_queue *queue, uint64_t to, uint64_t from,
                         const qcc_device_block *block,
                         qcc_device_error *error);

  /// Runs an entry point. Arguments are 64 bits each: an address, an integer or
  /// the bits of a double; how many, and what they mean, is agreed between the
  /// target's compiler and its driver. They are copied.
  int32_t (*launch)(qcc_device_queue *queue, qcc_device_program *program,
                    uint64_t entry, const uint64_t *arguments,
                    int32_t num_arguments, qcc_device_error *error);

  /// Returns when all that was put into the queue is done; the first failure of
  /// it since the last wait().
  int32_t (*wait)(qcc_device_queue *queue, qcc_device_error *error);
} qcc_device_driver;

#ifdef __cplusplus
}
#endif

#endif // QCC_RUNTIME_DEVICE_H
