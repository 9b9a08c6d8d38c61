#include "test/lib/Target/Toy/Assembler.h"

#include "lib/Analysis/BufferPlanVerifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cassert>
#include <cstring>

using namespace llvm;

namespace qcc::toy {

static_assert(sys::IsLittleEndianHost, "code is written as it is in memory");

Extents getDenseStrides(ArrayRef<int64_t> shape) {
  Extents strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

View View::broadcast(ArrayRef<int64_t> to) const {
  View view = *this;
  view.shape.assign(to.begin(), to.end());
  view.strides.assign(to.size(), 0);
  size_t lead = to.size() - shape.size();
  for (size_t d = 0; d < shape.size(); ++d)
    view.strides[lead + d] = shape[d] == 1 ? 0 : strides[d];
  return view;
}

View View::permute(ArrayRef<int64_t> permutation) const {
  View view = *this;
  for (auto [axis, from] : enumerate(permutation)) {
    view.shape[axis] = shape[from];
    view.strides[axis] = strides[from];
  }
  return view;
}

void forEachBox(ArrayRef<int64_t> shape, int64_t maxWords,
                function_ref<void(const Box &)> visit) {
  if (countElements(shape) == 0)
    return;
  Extents step(shape.size(), 1);
  int64_t words = 1;
  for (size_t d = shape.size(); d-- > 0 && d + TOY_AXES >= shape.size();) {
    step[d] = std::min(shape[d], maxWords / words);
    words *= step[d];
    if (step[d] < shape[d])
      break;
  }
  Box box{Extents(shape.size(), 0), Extents(shape.size(), 1)};
  while (true) {
    for (size_t d = 0; d < shape.size(); ++d)
      box.counts[d] = std::min(step[d], shape[d] - box.begin[d]);
    visit(box);
    size_t d = shape.size();
    while (d > 0 && (box.begin[d - 1] += step[d - 1]) >= shape[d - 1])
      box.begin[--d] = 0;
    if (d == 0)
      return;
  }
}

std::string Assembler::begin(StringRef name) {
  StringRef base = name.take_front(TOY_NAME_BYTES - 8);
  std::string unique = base.str();
  for (unsigned i = 2; !used.insert(unique).second; ++i)
    unique = (base + "#" + Twine(i)).str();
  toy_entry entry = {};
  std::memcpy(entry.name, unique.data(), unique.size());
  entry.first = static_cast<uint32_t>(instructions.size());
  entry.num_arguments = NumArguments;
  entries.push_back(entry);
  names.push_back(unique);
  return unique;
}

void Assembler::end() { add({}); }

void Assembler::add(const toy_instruction &instruction) {
  assert(!toy_check(&instruction, NumArguments) && "the toy has no such thing");
  instructions.push_back(instruction);
}

toy_instruction Assembler::makeMove(toy_opcode opcode, const View &view,
                                    const Box &box) {
  toy_instruction made = {};
  made.opcode = opcode;
  made.argument = view.argument;
  int64_t offset = view.offset;
  for (auto [begin, stride] : zip_equal(box.begin, view.strides))
    offset += begin * stride;
  made.offset = static_cast<uint32_t>(offset);
  for (unsigned i = 0; i < TOY_AXES; ++i)
    made.count[i] = made.stride[i] = 1;
  size_t rank = box.counts.size();
  for (size_t i = 0; i < std::min<size_t>(rank, TOY_AXES); ++i) {
    made.count[TOY_AXES - 1 - i] =
        static_cast<uint32_t>(box.counts[rank - 1 - i]);
    made.stride[TOY_AXES - 1 - i] =
        static_cast<uint32_t>(view.strides[rank - 1 - i]);
  }
  return made;
}

void Assembler::load(uint32_t position, const View &from, const Box &box) {
  toy_instruction made = makeMove(TOY_LOAD, from, box);
  made.to = position;
  add(made);
}

void Assembler::store(const View &to, const Box &box, uint32_t position) {
  toy_instruction made = makeMove(TOY_STORE, to, box);
  made.a = position;
  add(made);
}

void Assembler::fill(uint32_t to, uint32_t words, uint32_t bits) {
  toy_instruction made = {};
  made.opcode = TOY_FILL;
  made.to = to;
  made.count[0] = words;
  made.offset = bits;
  add(made);
}

void Assembler::dot(toy_type type, uint32_t to, uint32_t a, uint32_t b,
                    uint32_t rows, uint32_t columns, uint32_t depth) {
  toy_instruction made = {};
  made.opcode = TOY_DOT;
  made.type = type;
  made.to = to;
  made.a = a;
  made.b = b;
  made.count[0] = rows;
  made.count[1] = columns;
  made.count[2] = depth;
  add(made);
}

void Assembler::map(toy_kind kind, toy_type type, uint32_t to, uint32_t a,
                    uint32_t b, uint32_t words, uint32_t period) {
  toy_instruction made = {};
  made.opcode = TOY_MAP;
  made.kind = kind;
  made.type = type;
  made.to = to;
  made.a = a;
  made.b = b;
  made.count[0] = words;
  made.count[1] = period;
  add(made);
}

void Assembler::convert(toy_type from, uint32_t to, uint32_t a,
                        uint32_t words) {
  toy_instruction made = {};
  made.opcode = TOY_CONVERT;
  made.type = from;
  made.to = to;
  made.a = a;
  made.count[0] = words;
  add(made);
}

std::string Assembler::getCode() const {
  toy_header header = {TOY_MAGIC, static_cast<uint32_t>(entries.size()),
                       static_cast<uint32_t>(instructions.size()),
                       TOY_SCRATCHPAD_WORDS};
  std::string code;
  auto append = [&](const void *data, size_t bytes) {
    code.append(static_cast<const char *>(data), bytes);
  };
  append(&header, sizeof(header));
  append(entries.data(), entries.size() * sizeof(toy_entry));
  append(instructions.data(), instructions.size() * sizeof(toy_instruction));
  return code;
}

int64_t planMemory(MutableArrayRef<Need> needs, int64_t alignment) {
  constexpr int64_t wordBytes = sizeof(uint32_t);
  analysis::BufferProblem problem;
  for (const Need &need : needs) {
    analysis::PlannedBuffer buffer;
    buffer.bytes = {std::max<int64_t>(need.words, 1) * wordBytes};
    buffer.first = static_cast<unsigned>(need.first);
    buffer.last = static_cast<unsigned>(need.last);
    buffer.alignment = alignment * wordBytes;
    problem.buffers.push_back(buffer);
  }
  analysis::BufferPlan plan = analysis::planBuffers(problem);
  assert(analysis::verifyPlan(problem, plan).empty() && "a wrong plan");
  for (auto [need, offset] :
       zip_equal(needs, analysis::getOffsets(problem, plan, 0)))
    need.offset = offset / wordBytes;
  return analysis::getPlanBytes(problem, plan, 0, 0) / wordBytes;
}

} // namespace qcc::toy
