// The instructions of the toy, as its compiler and its simulator share them.
//
// The toy has a scratchpad of 1024 words, on which all its instructions work,
// and memory, to and from which LOAD and STORE move blocks. A word is 32 bits:
// an f32 or an i32. It has no caches, no vectors and no branches: a program is
// straight.
//
// A program is code for several entry points, each with a number of arguments:
// addresses in memory, by which LOAD and STORE begin. Its bytes are a
// toy_header, toy_entry for each entry point, and the instructions, 64 bytes
// each, little-endian as all numbers are.

#ifndef TEST_LIB_TARGET_TOY_TOYISA_H
#define TEST_LIB_TARGET_TOY_TOYISA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TOY_SCRATCHPAD_WORDS = 1024,
  TOY_MEMORY_BYTES = 64 << 20,
  TOY_MAX_ARGUMENTS = 3,
  TOY_AXES = 4,
  TOY_NAME_BYTES = 56
};

/// Names beginning with `to`, `a`, `b` are positions in the scratchpad, in
/// words. `count` and `stride` are of toy_instruction.
typedef enum toy_opcode {
  /// Ends the entry point.
  TOY_HALT = 0,
  /// Reads memory: a block of count[0] x ... x count[3] words, dense at `to`;
  /// in memory, an axis goes on every stride[i] words, which may be 0.
  TOY_LOAD = 1,
  /// Writes memory: the same from `a`. Strides are not 0 where counts are
  /// not 1.
  TOY_STORE = 2,
  /// Sets count[0] words to `offset`.
  TOY_FILL = 3,
  /// to[m, n] += sum over k of a[m, k] * b[n, k], with count = m, n, k. Of f32,
  /// the sum is made in binary64 and rounded once when it is added.
  TOY_DOT = 4,
  /// to[i] = a[i] KIND b[i % count[1]] for i below count[0].
  TOY_MAP = 5,
  /// to[i] = a[i] as the other type: to f32 by rounding, to i32 as
  /// toy_round does.
  TOY_CONVERT = 6,
  TOY_NUM_OPCODES = 7
} toy_opcode;

/// Of TOY_MAP. A maximum or minimum with a NaN is NaN; integers wrap around,
/// and i32 has no TOY_DIV.
typedef enum toy_kind {
  TOY_ADD = 0,
  TOY_SUB = 1,
  TOY_MUL = 2,
  TOY_DIV = 3,
  TOY_MAX = 4,
  TOY_MIN = 5,
  TOY_NUM_KINDS = 6
} toy_kind;

/// Of the words that an instruction reads.
typedef enum toy_type { TOY_F32 = 0, TOY_I32 = 1, TOY_NUM_TYPES = 2 } toy_type;

typedef struct toy_instruction {
  uint8_t opcode;   ///< toy_opcode
  uint8_t kind;     ///< toy_kind
  uint8_t type;     ///< toy_type
  uint8_t argument; ///< Of LOAD and STORE: the address they begin at.
  uint32_t to, a, b;
  /// Of LOAD and STORE: words from the argument on. Of FILL: the word's bits.
  uint32_t offset;
  uint32_t count[TOY_AXES];
  uint32_t stride[TOY_AXES];
  uint32_t reserved[3]; ///< 0
} toy_instruction;

#define TOY_MAGIC UINT32_C(0x31594f54) /* "TOY1" */

typedef struct toy_header {
  uint32_t magic; ///< TOY_MAGIC
  uint32_t num_entries;
  uint32_t num_instructions;
  uint32_t scratchpad_words; ///< That the program was made for.
} toy_header;

typedef struct toy_entry {
  char name[TOY_NAME_BYTES]; ///< Ends in '\0'.
  uint32_t first;            ///< Its first instruction.
  uint32_t num_arguments;
} toy_entry;

/// The nearest integer, of two the even one; within 2^30, and -2^30 of a NaN.
int32_t toy_round(float value);

/// Why `instruction` is none; NULL where it is one. Both the compiler and the
/// simulator ask it, the latter before it runs anything.
const char *toy_check(const toy_instruction *instruction,
                      uint32_t num_arguments);

#ifdef __cplusplus
}
#endif

#endif // TEST_LIB_TARGET_TOY_TOYISA_H
