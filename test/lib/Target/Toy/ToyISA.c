#include "test/lib/Target/Toy/ToyISA.h"

#include <stdbool.h>
#include <stddef.h>

_Static_assert(sizeof(toy_instruction) == 64, "as ToyISA.h says");
_Static_assert(sizeof(toy_header) == 16, "as ToyISA.h says");
_Static_assert(sizeof(toy_entry) == 64, "as ToyISA.h says");

int32_t toy_round(float value) {
  const float limit = 1 << 30;
  if (!(value > -limit))
    return -(1 << 30);
  if (value >= limit)
    return 1 << 30;
  int32_t down = (int32_t)value;
  down -= (float)down > value; // it goes to zero, and this is the floor
  float rest = value - (float)down;
  return down + (rest > 0.5f || (rest == 0.5f && (down & 1)));
}

// Words from `begin` on, as many as the counts' product.
static bool fits(uint32_t begin, const uint32_t *count, int axes) {
  uint64_t words = 1;
  for (int i = 0; i < axes; ++i) {
    if (count[i] > TOY_SCRATCHPAD_WORDS)
      return false;
    words *= count[i];
  }
  return begin <= TOY_SCRATCHPAD_WORDS && words <= TOY_SCRATCHPAD_WORDS - begin;
}

static bool fits_two(uint32_t begin, uint32_t rows, uint32_t columns) {
  const uint32_t count[] = {rows, columns};
  return fits(begin, count, 2);
}

static bool fits_operands(const toy_instruction *it) {
  switch (it->opcode) {
  case TOY_LOAD:
    return fits(it->to, it->count, TOY_AXES);
  case TOY_STORE:
    return fits(it->a, it->count, TOY_AXES);
  case TOY_FILL:
    return fits(it->to, it->count, 1);
  case TOY_DOT:
    return fits_two(it->to, it->count[0], it->count[1]) &&
           fits_two(it->a, it->count[0], it->count[2]) &&
           fits_two(it->b, it->count[1], it->count[2]);
  case TOY_MAP:
    return fits(it->to, it->count, 1) && fits(it->a, it->count, 1) &&
           fits(it->b, it->count + 1, 1);
  case TOY_CONVERT:
    return fits(it->to, it->count, 1) && fits(it->a, it->count, 1);
  default:
    return true;
  }
}

const char *toy_check(const toy_instruction *it, uint32_t num_arguments) {
  if (it->opcode >= TOY_NUM_OPCODES)
    return "its opcode is unknown";
  if (it->type >= TOY_NUM_TYPES)
    return "its type is unknown";
  if (it->opcode == TOY_MAP && (it->kind >= TOY_NUM_KINDS ||
                                (it->kind == TOY_DIV && it->type == TOY_I32)))
    return "its kind is unknown";
  if (it->opcode == TOY_MAP && it->count[0] && !it->count[1])
    return "its second operand is empty";
  if (!fits_operands(it))
    return "it goes beyond the scratchpad";
  if (it->opcode != TOY_LOAD && it->opcode != TOY_STORE)
    return NULL;
  if (it->argument >= num_arguments)
    return "its entry point has no such argument";
  for (int i = 0; i < TOY_AXES; ++i)
    if (it->opcode == TOY_STORE && it->count[i] > 1 && !it->stride[i])
      return "it stores several words at one address";
  return NULL;
}
