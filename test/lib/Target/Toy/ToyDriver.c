// A simulator of the toy behind the runtime's device interface: part of every
// artifact that is compiled for it. C11 on libc alone.

#include "qcc/Runtime/Device.h"
#include "test/lib/Target/Toy/ToyISA.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A piece of the toy's memory. Between two there are addresses of neither, so
/// that what goes beyond one is seen.
typedef struct piece {
  struct piece *next;
  uint64_t address;
  uint64_t bytes;
  char data[];
} piece;

enum { GAP = 4096, ALIGNMENT = 64 };

struct qcc_device {
  pthread_mutex_t lock; ///< Guards what follows.
  piece *pieces;
  uint64_t used;
  uint64_t next_address;
};

struct qcc_device_program {
  toy_entry *entries;
  toy_instruction *instructions;
  toy_header header;
};

/// The toy is done with a launch before it returns, so a queue is empty.
struct qcc_device_queue {
  qcc_device *device;
};

__attribute__((format(printf, 3, 4))) static int32_t
fail(qcc_device_error *error, int32_t status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof(error->text), format, args);
  va_end(args);
  return status;
}

static int32_t open(const char *machine, qcc_device **device,
                    qcc_device_error *error) {
  // For tests of what happens without one.
  const char *state = getenv("QCC_TOY");
  if (state && strcmp(state, "absent") == 0)
    return fail(error, QCC_DEVICE_UNAVAILABLE,
                "there is no toy here (QCC_TOY)");
  if (machine[0])
    return fail(error, QCC_DEVICE_REFUSED, "there is no toy '%s'", machine);
  qcc_device *opened = calloc(1, sizeof(*opened));
  if (!opened)
    return fail(error, QCC_DEVICE_OUT_OF_MEMORY, "no memory for the simulator");
  pthread_mutex_init(&opened->lock, NULL);
  opened->next_address = GAP;
  *device = opened;
  return QCC_DEVICE_OK;
}

static void close(qcc_device *device) {
  pthread_mutex_destroy(&device->lock);
  free(device);
}

static uint64_t get_capacity(qcc_device *device, int32_t space) {
  (void)device;
  (void)space;
  return TOY_MEMORY_BYTES;
}

static int32_t alloc(qcc_device *device, int32_t space, uint64_t bytes,
                     uint64_t *address, qcc_device_error *error) {
  if (space != 0)
    return fail(error, QCC_DEVICE_REFUSED, "the toy has one memory space");
  piece *made = NULL;
  pthread_mutex_lock(&device->lock);
  uint64_t left = TOY_MEMORY_BYTES - device->used;
  if (bytes <= left)
    made = malloc(sizeof(*made) + bytes);
  if (made) {
    made->address = device->next_address;
    made->bytes = bytes;
    made->next = device->pieces;
    device->pieces = made;
    device->used += bytes;
    device->next_address +=
        (bytes + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *address = made->address;
  }
  pthread_mutex_unlock(&device->lock);
  if (made)
    return QCC_DEVICE_OK;
  return fail(error, QCC_DEVICE_OUT_OF_MEMORY, "%llu of %d bytes are left",
              (unsigned long long)left, TOY_MEMORY_BYTES);
}

static void release(qcc_device *device, int32_t space, uint64_t address) {
  (void)space;
  pthread_mutex_lock(&device->lock);
  piece **link = &device->pieces;
  while (*link && (*link)->address != address)
    link = &(*link)->next;
  piece *found = *link;
  if (found) {
    *link = found->next;
    device->used -= found->bytes;
  }
  pthread_mutex_unlock(&device->lock);
  free(found);
}

// The bytes [address, address + bytes) if they lie in one piece, else NULL. A
// piece in use is freed by nobody, so the lock need not be held on.
static char *find(qcc_device *device, uint64_t address, uint64_t bytes) {
  char *data = NULL;
  pthread_mutex_lock(&device->lock);
  for (piece *it = device->pieces; it && !data; it = it->next)
    if (address >= it->address && address - it->address <= it->bytes &&
        bytes <= it->bytes - (address - it->address))
      data = it->data + (address - it->address);
  pthread_mutex_unlock(&device->lock);
  return data;
}

// From the first to behind the last byte of a block.
static uint64_t get_span(const qcc_device_block *block, uint64_t stride) {
  return (block->rows - 1) * stride + block->row_bytes;
}

static void copy_rows(char *to, const char *from,
                      const qcc_device_block *block) {
  for (uint64_t row = 0; row < block->rows; ++row)
    memmove(to + row * block->to_stride, from + row * block->from_stride,
            block->row_bytes);
}

static int32_t refuse_address(qcc_device_error *error, uint64_t address,
                              uint64_t bytes) {
  return fail(error, QCC_DEVICE_REFUSED,
              "%llu bytes from address %llu on are not all in one piece of its "
              "memory",
              (unsigned long long)bytes, (unsigned long long)address);
}

static int32_t copy_in(qcc_device_queue *queue, uint64_t to, const void *from,
                       const qcc_device_block *block, qcc_device_error *error) {
  uint64_t bytes = get_span(block, block->to_stride);
  char *data = find(queue->device, to, bytes);
  if (!data)
    return refuse_address(error, to, bytes);
  copy_rows(data, from, block);
  return QCC_DEVICE_OK;
}

static int32_t copy_out(qcc_device_queue *queue, void *to, uint64_t from,
                        const qcc_device_block *block,
                        qcc_device_error *error) {
  uint64_t bytes = get_span(block, block->from_stride);
  const char *data = find(queue->device, from, bytes);
  if (!data)
    return refuse_address(error, from, bytes);
  copy_rows(to, data, block);
  return QCC_DEVICE_OK;
}

static int32_t copy_within(qcc_device_queue *queue, uint64_t to, uint64_t from,
                           const qcc_device_block *block,
                           qcc_device_error *error) {
  uint64_t bytes = get_span(block, block->to_stride);
  char *data = find(queue->device, to, bytes);
  return data ? copy_out(queue, data, from, block, error)
              : refuse_address(error, to, bytes);
}

static bool is_whole(const toy_header *header, uint64_t bytes) {
  uint64_t entries = (uint64_t)header->num_entries * sizeof(toy_entry);
  uint64_t code = (uint64_t)header->num_instructions * sizeof(toy_instruction);
  return header->magic == TOY_MAGIC &&
         bytes == sizeof(toy_header) + entries + code;
}

// An entry point ends by a HALT; all before it are checked for its arguments.
static int32_t check_entry(const qcc_device_program *program,
                           const toy_entry *entry, qcc_device_error *error) {
  if (!memchr(entry->name, '\0', TOY_NAME_BYTES) ||
      entry->num_arguments > TOY_MAX_ARGUMENTS)
    return fail(error, QCC_DEVICE_REFUSED, "an entry point is malformed");
  for (uint32_t i = entry->first; i < program->header.num_instructions; ++i) {
    const toy_instruction *it = &program->instructions[i];
    const char *objection = toy_check(it, entry->num_arguments);
    if (objection)
      return fail(error, QCC_DEVICE_REFUSED,
                  "instruction %u of '%s' is none: %s", i - entry->first,
                  entry->name, objection);
    if (it->opcode == TOY_HALT)
      return QCC_DEVICE_OK;
  }
  return fail(error, QCC_DEVICE_REFUSED, "'%s' does not halt", entry->name);
}

static void unload(qcc_device *device, qcc_device_program *program) {
  (void)device;
  free(program);
}

static int32_t load(qcc_device *device, const void *code, uint64_t bytes,
                    qcc_device_program **program, qcc_device_error *error) {
  toy_header header;
  if (bytes < sizeof(header))
    return fail(error, QCC_DEVICE_REFUSED, "%llu bytes are no program",
                (unsigned long long)bytes);
  memcpy(&header, code, sizeof(header));
  if (!is_whole(&header, bytes))
    return fail(error, QCC_DEVICE_REFUSED, "%llu bytes are no program",
                (unsigned long long)bytes);
  if (header.scratchpad_words > TOY_SCRATCHPAD_WORDS)
    return fail(error, QCC_DEVICE_REFUSED,
                "the program needs a scratchpad of %u words, and the toy has "
                "%d",
                header.scratchpad_words, TOY_SCRATCHPAD_WORDS);
  qcc_device_program *loaded = malloc(sizeof(*loaded) + bytes - sizeof(header));
  if (!loaded)
    return fail(error, QCC_DEVICE_OUT_OF_MEMORY, "no memory for the program");
  loaded->header = header;
  loaded->entries = (toy_entry *)(loaded + 1);
  loaded->instructions =
      (toy_instruction *)(loaded->entries + header.num_entries);
  memcpy(loaded->entries, (const char *)code + sizeof(header),
         bytes - sizeof(header));
  for (uint32_t i = 0; i < header.num_entries; ++i) {
    int32_t status = check_entry(loaded, &loaded->entries[i], error);
    if (status != QCC_DEVICE_OK) {
      unload(device, loaded);
      return status;
    }
  }
  *program = loaded;
  return QCC_DEVICE_OK;
}

static int32_t find_entry(qcc_device *device, qcc_device_program *program,
                          const char *name, uint64_t *entry,
                          qcc_device_error *error) {
  (void)device;
  for (uint32_t i = 0; i < program->header.num_entries; ++i) {
    *entry = i;
    if (strcmp(program->entries[i].name, name) == 0)
      return QCC_DEVICE_OK;
  }
  return fail(error, QCC_DEVICE_REFUSED,
              "the program has no entry point of that name");
}

static int32_t begin(qcc_device *device, qcc_device_queue **queue,
                     qcc_device_error *error) {
  qcc_device_queue *made = malloc(sizeof(*made));
  if (!made)
    return fail(error, QCC_DEVICE_OUT_OF_MEMORY, "no memory for a queue");
  made->device = device;
  *queue = made;
  return QCC_DEVICE_OK;
}

static void end(qcc_device *device, qcc_device_queue *queue) {
  (void)device;
  free(queue);
}

typedef union word {
  float f;
  int32_t i;
  uint32_t u;
} word;

/// One launch under way.
typedef struct machine {
  qcc_device *device;
  const uint64_t *arguments;
  word scratchpad[TOY_SCRATCHPAD_WORDS];
} machine;

static bool is_empty(const toy_instruction *it) {
  for (int i = 0; i < TOY_AXES; ++i)
    if (!it->count[i])
      return true;
  return false;
}

// The memory that a LOAD or STORE touches, from its first word on.
static char *find_block(machine *m, const toy_instruction *it) {
  uint64_t last = 0;
  for (int i = 0; i < TOY_AXES; ++i)
    last += (uint64_t)(it->count[i] - 1) * it->stride[i];
  uint64_t address = m->arguments[it->argument] + (uint64_t)it->offset * 4;
  return find(m->device, address, (last + 1) * 4);
}

static bool move(machine *m, const toy_instruction *it) {
  if (is_empty(it))
    return true;
  char *memory = find_block(m, it);
  if (!memory)
    return false;
  bool loads = it->opcode == TOY_LOAD;
  word *at = m->scratchpad + (loads ? it->to : it->a);
  const uint32_t *n = it->count, *s = it->stride;
  for (uint32_t i = 0; i < n[0]; ++i)
    for (uint32_t j = 0; j < n[1]; ++j)
      for (uint32_t k = 0; k < n[2]; ++k)
        for (uint32_t l = 0; l < n[3]; ++l, ++at) {
          uint64_t words = (uint64_t)i * s[0] + (uint64_t)j * s[1] +
                           (uint64_t)k * s[2] + (uint64_t)l * s[3];
          if (loads)
            memcpy(at, memory + words * 4, 4);
          else
            memcpy(memory + words * 4, at, 4);
        }
  return true;
}

static void dot(machine *m, const toy_instruction *it) {
  uint32_t rows = it->count[0], columns = it->count[1], depth = it->count[2];
  for (uint32_t i = 0; i < rows; ++i)
    for (uint32_t j = 0; j < columns; ++j) {
      word *to = &m->scratchpad[it->to + i * columns + j];
      const word *a = &m->scratchpad[it->a + i * depth];
      const word *b = &m->scratchpad[it->b + j * depth];
      double real = 0;
      uint32_t integer = 0;
      for (uint32_t k = 0; k < depth; ++k) {
        real += (double)a[k].f * b[k].f;
        integer += a[k].u * b[k].u;
      }
      if (it->type == TOY_F32)
        to->f = (float)(to->f + real);
      else
        to->u += integer;
    }
}

static float map_real(uint8_t kind, float a, float b) {
  switch (kind) {
  case TOY_ADD:
    return a + b;
  case TOY_SUB:
    return a - b;
  case TOY_MUL:
    return a * b;
  case TOY_DIV:
    return a / b;
  case TOY_MAX:
    return a != a || a > b ? a : b;
  default:
    return a != a || a < b ? a : b;
  }
}

static word map_integer(uint8_t kind, word a, word b) {
  word to = a;
  switch (kind) {
  case TOY_ADD:
    to.u = a.u + b.u;
    break;
  case TOY_SUB:
    to.u = a.u - b.u;
    break;
  case TOY_MUL:
    to.u = a.u * b.u;
    break;
  case TOY_MAX:
    to.i = a.i > b.i ? a.i : b.i;
    break;
  default:
    to.i = a.i < b.i ? a.i : b.i;
    break;
  }
  return to;
}

static void map(machine *m, const toy_instruction *it) {
  for (uint32_t i = 0; i < it->count[0]; ++i) {
    word a = m->scratchpad[it->a + i];
    word b = m->scratchpad[it->b + i % it->count[1]];
    word *to = &m->scratchpad[it->to + i];
    if (it->type == TOY_F32)
      to->f = map_real(it->kind, a.f, b.f);
    else
      *to = map_integer(it->kind, a, b);
  }
}

static void convert(machine *m, const toy_instruction *it) {
  for (uint32_t i = 0; i < it->count[0]; ++i) {
    word a = m->scratchpad[it->a + i];
    word *to = &m->scratchpad[it->to + i];
    if (it->type == TOY_F32)
      to->i = toy_round(a.f);
    else
      to->f = (float)a.i;
  }
}

// False when the instruction goes beyond memory; the program was checked for
// all else when it was loaded.
static bool step(machine *m, const toy_instruction *it) {
  switch (it->opcode) {
  case TOY_LOAD:
  case TOY_STORE:
    return move(m, it);
  case TOY_FILL:
    for (uint32_t i = 0; i < it->count[0]; ++i)
      m->scratchpad[it->to + i].u = it->offset;
    return true;
  case TOY_DOT:
    dot(m, it);
    return true;
  case TOY_MAP:
    map(m, it);
    return true;
  default:
    convert(m, it);
    return true;
  }
}

// QCC_TOY=broken-at=NAME: that entry point fails, for tests of errors.
static bool is_broken(const toy_entry *entry) {
  static const char prefix[] = "broken-at=";
  const char *state = getenv("QCC_TOY");
  return state && strncmp(state, prefix, sizeof(prefix) - 1) == 0 &&
         strcmp(state + sizeof(prefix) - 1, entry->name) == 0;
}

static int32_t launch(qcc_device_queue *queue, qcc_device_program *program,
                      uint64_t number, const uint64_t *arguments,
                      int32_t num_arguments, qcc_device_error *error) {
  const toy_entry *entry = &program->entries[number];
  if (num_arguments != (int32_t)entry->num_arguments)
    return fail(error, QCC_DEVICE_REFUSED, "it takes %u arguments, not %d",
                entry->num_arguments, num_arguments);
  if (is_broken(entry))
    return fail(error, QCC_DEVICE_FAILED, "the toy is broken (QCC_TOY)");
  machine m = {queue->device, arguments, {{0}}};
  const toy_instruction *first = &program->instructions[entry->first];
  for (const toy_instruction *it = first; it->opcode != TOY_HALT; ++it)
    if (!step(&m, it))
      return fail(error, QCC_DEVICE_REFUSED,
                  "instruction %d %s beyond memory, from address %llu on",
                  (int)(it - first),
                  it->opcode == TOY_LOAD ? "loads" : "stores",
                  (unsigned long long)(arguments[it->argument] +
                                       (uint64_t)it->offset * 4));
  return QCC_DEVICE_OK;
}

static int32_t wait(qcc_device_queue *queue, qcc_device_error *error) {
  (void)queue;
  (void)error;
  return QCC_DEVICE_OK;
}

extern const qcc_device_driver toy_driver;
const qcc_device_driver toy_driver = {QCC_DEVICE_ABI_VERSION,
                                      sizeof(qcc_device_driver),
                                      "toy",
                                      1,
                                      open,
                                      close,
                                      get_capacity,
                                      alloc,
                                      release,
                                      load,
                                      unload,
                                      find_entry,
                                      begin,
                                      end,
                                      copy_in,
                                      copy_out,
                                      copy_within,
                                      launch,
                                      wait};
