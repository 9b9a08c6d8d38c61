// Makes programs of the toy: its instructions, and tensors as they see them.

#ifndef TEST_LIB_TARGET_TOY_ASSEMBLER_H
#define TEST_LIB_TARGET_TOY_ASSEMBLER_H

#include "test/lib/Target/Toy/ToyISA.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <functional>
#include <string>
#include <vector>

namespace qcc::toy {

/// Of an entry point: where constants begin, and where values do.
enum Argument : uint8_t { Constants, Workspace, NumArguments };

using Extents = llvm::SmallVector<int64_t>;

/// Row-major.
Extents getDenseStrides(llvm::ArrayRef<int64_t> shape);
int64_t countElements(llvm::ArrayRef<int64_t> shape);

/// A tensor in memory; all in words.
struct View {
  Argument argument = Workspace;
  int64_t offset = 0;
  Extents shape;
  Extents strides;

  /// The same elements where each axis has the extent of `shape`: one of extent
  /// 1, or that is not there, is read again and again.
  View broadcast(llvm::ArrayRef<int64_t> shape) const;
  View permute(llvm::ArrayRef<int64_t> permutation) const;
};

/// A part of an iteration space: where it begins, and its extents, all 1 but
/// for the innermost that an instruction can count.
struct Box {
  Extents begin, counts;
  uint32_t getWords() const {
    return static_cast<uint32_t>(countElements(counts));
  }
};

/// Cuts a space into boxes of at most so many words.
void forEachBox(llvm::ArrayRef<int64_t> shape, int64_t maxWords,
                llvm::function_ref<void(const Box &)> visit);

class Assembler {
public:
  /// Begins an entry point; the name is made unique and returned.
  std::string begin(llvm::StringRef name);
  void end();

  /// Between memory and `position` in the scratchpad, where the box is dense.
  void load(uint32_t position, const View &from, const Box &box);
  void store(const View &to, const Box &box, uint32_t position);
  void fill(uint32_t to, uint32_t words, uint32_t bits);
  void dot(toy_type type, uint32_t to, uint32_t a, uint32_t b, uint32_t rows,
           uint32_t columns, uint32_t depth);
  /// In place where `to` is `a`. `period` is the number of words at `b`.
  void map(toy_kind kind, toy_type type, uint32_t to, uint32_t a, uint32_t b,
           uint32_t words, uint32_t period);
  void convert(toy_type from, uint32_t to, uint32_t a, uint32_t words);

  const std::vector<std::string> &getEntries() const { return names; }
  std::string getCode() const;

private:
  void add(const toy_instruction &instruction);
  toy_instruction makeMove(toy_opcode opcode, const View &view, const Box &box);

  std::vector<toy_instruction> instructions;
  std::vector<toy_entry> entries;
  std::vector<std::string> names;
  llvm::StringSet<> used;
};

/// Words that are needed from step `first` to step `last`.
struct Need {
  int64_t words = 0;
  int64_t first = 0, last = 0;
  int64_t offset = -1; ///< What the plan gives.
};

/// Places needs so that none that overlap in time do in memory, by the plan of
/// lib/Analysis; returns the words of it all. Offsets are multiples of
/// `alignment`.
int64_t planMemory(llvm::MutableArrayRef<Need> needs, int64_t alignment);

} // namespace qcc::toy

#endif // TEST_LIB_TARGET_TOY_ASSEMBLER_H
