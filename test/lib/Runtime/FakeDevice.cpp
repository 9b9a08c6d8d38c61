#include "test/lib/Runtime/FakeDevice.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <vector>

using namespace qcc::test;

struct qcc_device {
  std::mutex lock;
  std::vector<std::pair<uint64_t, uint64_t>> pieces; // address, bytes
};
struct qcc_device_program {
  std::vector<std::string> entries;
};
struct qcc_device_queue {
  std::vector<std::function<void()>> commands;
};

namespace {

int32_t give(Call call, qcc_device_error *error) {
  FakeDevices &fake = getFakeDevices();
  if (fake.failing != call || fake.failAt < 0 || fake.failAt-- != 0)
    return QCC_DEVICE_OK;
  snprintf(error->text, sizeof(error->text), "call %d fails as planned",
           static_cast<int>(call));
  return fake.status;
}

int32_t open(const char *machine, qcc_device **device,
             qcc_device_error *error) {
  if (int32_t status = give(Call::Open, error)) {
    *device = reinterpret_cast<qcc_device *>(1); // nobody may look at it
    return status;
  }
  getFakeDevices().machine = machine;
  ++getFakeDevices().devices;
  *device = new qcc_device;
  return QCC_DEVICE_OK;
}

void close(qcc_device *device) {
  --getFakeDevices().devices;
  delete device;
}

uint64_t getCapacity(qcc_device *, int32_t space) {
  return space == 0 ? getFakeDevices().capacity : 64;
}

int32_t alloc(qcc_device *device, int32_t space, uint64_t bytes,
              uint64_t *address, qcc_device_error *error) {
  if (int32_t status = give(Call::Alloc, error))
    return status;
  FakeDevices &fake = getFakeDevices();
  std::lock_guard<std::mutex> lock(device->lock);
  if (fake.used + bytes > getCapacity(device, space)) {
    snprintf(error->text, sizeof(error->text), "%llu bytes are in use",
             static_cast<unsigned long long>(fake.used));
    return QCC_DEVICE_OUT_OF_MEMORY;
  }
  fake.used += bytes;
  ++fake.pieces;
  ++fake.allocations;
  *address = reinterpret_cast<uint64_t>(malloc(bytes));
  device->pieces.emplace_back(*address, bytes);
  return QCC_DEVICE_OK;
}

void release(qcc_device *device, int32_t, uint64_t address) {
  std::lock_guard<std::mutex> lock(device->lock);
  for (auto &piece : device->pieces) {
    if (piece.first != address)
      continue;
    getFakeDevices().used -= piece.second;
    --getFakeDevices().pieces;
    free(reinterpret_cast<void *>(address));
    device->pieces.erase(device->pieces.begin() +
                         (&piece - device->pieces.data()));
    return;
  }
  abort(); // freed twice, or never given
}

int32_t load(qcc_device *, const void *code, uint64_t bytes,
             qcc_device_program **program, qcc_device_error *error) {
  if (int32_t status = give(Call::Load, error))
    return status;
  ++getFakeDevices().programs;
  *program = new qcc_device_program;
  const char *text = static_cast<const char *>(code);
  for (const char *at = text; at < text + bytes; at += strlen(at) + 1)
    (*program)->entries.push_back(at);
  return QCC_DEVICE_OK;
}

void unload(qcc_device *, qcc_device_program *program) {
  --getFakeDevices().programs;
  delete program;
}

int32_t findEntry(qcc_device *, qcc_device_program *program, const char *name,
                  uint64_t *entry, qcc_device_error *error) {
  if (int32_t status = give(Call::FindEntry, error))
    return status;
  for (*entry = 0; *entry < program->entries.size(); ++*entry)
    if (program->entries[*entry] == name)
      return QCC_DEVICE_OK;
  strcpy(error->text, "there is no such entry point");
  return QCC_DEVICE_REFUSED;
}

int32_t begin(qcc_device *, qcc_device_queue **queue, qcc_device_error *error) {
  if (int32_t status = give(Call::Begin, error))
    return status;
  ++getFakeDevices().queues;
  *queue = new qcc_device_queue;
  return QCC_DEVICE_OK;
}

void end(qcc_device *, qcc_device_queue *queue) {
  --getFakeDevices().queues;
  delete queue;
}

int32_t enqueueCopy(qcc_device_queue *queue, void *to, const void *from,
                    const qcc_device_block &block) {
  queue->commands.push_back([=] {
    for (uint64_t row = 0; row < block.rows; ++row)
      memcpy(static_cast<char *>(to) + row * block.to_stride,
             static_cast<const char *>(from) + row * block.from_stride,
             block.row_bytes);
  });
  return QCC_DEVICE_OK;
}

int32_t copyIn(qcc_device_queue *queue, uint64_t to, const void *from,
               const qcc_device_block *block, qcc_device_error *error) {
  int32_t status = give(Call::CopyIn, error);
  return status
             ? status
             : enqueueCopy(queue, reinterpret_cast<void *>(to), from, *block);
}

int32_t copyOut(qcc_device_queue *queue, void *to, uint64_t from,
                const qcc_device_block *block, qcc_device_error *error) {
  int32_t status = give(Call::CopyOut, error);
  return status
             ? status
             : enqueueCopy(queue, to, reinterpret_cast<void *>(from), *block);
}

int32_t copyWithin(qcc_device_queue *queue, uint64_t to, uint64_t from,
                   const qcc_device_block *block, qcc_device_error *error) {
  int32_t status = give(Call::CopyWithin, error);
  return status ? status
                : enqueueCopy(queue, reinterpret_cast<void *>(to),
                              reinterpret_cast<void *>(from), *block);
}

int32_t launch(qcc_device_queue *queue, qcc_device_program *program,
               uint64_t entry, const uint64_t *arguments, int32_t count,
               qcc_device_error *error) {
  if (int32_t status = give(Call::Launch, error))
    return status;
  if (count != 3 || program->entries[entry] != "add")
    return QCC_DEVICE_REFUSED; // and does not say why
  float *data = reinterpret_cast<float *>(arguments[0]);
  uint64_t number = arguments[1];
  float added = static_cast<float>(arguments[2]);
  queue->commands.push_back([=] {
    for (uint64_t i = 0; i < number; ++i)
      data[i] += added;
  });
  return QCC_DEVICE_OK;
}

int32_t wait(qcc_device_queue *queue, qcc_device_error *error) {
  int32_t status = give(Call::Wait, error);
  for (const std::function<void()> &command : queue->commands)
    if (!status)
      command();
  queue->commands.clear();
  return status;
}

} // namespace

FakeDevices &qcc::test::getFakeDevices() {
  static FakeDevices fake;
  return fake;
}

const qcc_device_driver &qcc::test::getFakeDriver() {
  static const qcc_device_driver driver = {QCC_DEVICE_ABI_VERSION,
                                           sizeof(qcc_device_driver),
                                           "fake",
                                           2,
                                           open,
                                           close,
                                           getCapacity,
                                           alloc,
                                           release,
                                           load,
                                           unload,
                                           findEntry,
                                           begin,
                                           end,
                                           copyIn,
                                           copyOut,
                                           copyWithin,
                                           launch,
                                           wait};
  return driver;
}
