#include "lib/Target/CPU/Kernels/TuningProblems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace qcc;
using namespace qcc::cpu;

using Extents = std::vector<int64_t>;

namespace {

/// A module's text, line by line.
class Writer {
public:
  /// "tensor<4x64xf32>".
  static std::string getType(const Extents &shape, llvm::StringRef element) {
    return "tensor<" + join(shape) + element.str() + ">";
  }
  static std::string getFormatted(const Extents &shape,
                                  llvm::StringRef format) {
    return "!qnn.tensor<" + join(shape) + "f32, " + format.str() + ", dense>";
  }

  void addArgument(llvm::StringRef name, const std::string &type) {
    arguments += (arguments.empty() ? "%" : ", %") + name.str() + ": " + type;
  }
  void addConstant(llvm::StringRef name, const std::string &type,
                   llvm::StringRef value) {
    add(name, "arith.constant dense<" + value.str() + "> : " + type);
  }
  void add(llvm::StringRef name, const std::string &op) {
    body += "  %" + name.str() + " = " + op + "\n";
  }
  /// A formatted value of components, %NAME_0 and so on.
  void addWrap(llvm::StringRef name, const std::vector<std::string> &parts,
               const std::vector<std::string> &types,
               const std::string &result) {
    std::string operands, operandTypes;
    for (auto [part, type] : llvm::zip_equal(parts, types)) {
      operands += (operands.empty() ? "%" : ", %") + part;
      operandTypes += (operandTypes.empty() ? "" : ", ") + type;
    }
    add(name,
        "qnn.wrap " + operands + " : (" + operandTypes + ") -> " + result);
  }

  /// Ends the function with an op %y.
  std::string finish(const std::string &op, const std::string &result) {
    add("y", op);
    return "func.func @main(" + arguments + ") -> " + result + " {\n" + body +
           "  return %y : " + result + "\n}\n";
  }

private:
  static std::string join(const Extents &shape) {
    std::string text;
    for (int64_t extent : shape)
      text += std::to_string(extent) + "x";
    return text;
  }

  std::string arguments, body;
};

struct Matmul {
  int64_t m, k, n;
};

/// An image of `size` x `size` pixels with its padding.
struct Conv {
  int64_t size, channels, outputs, window, stride;
  int64_t groups = 1;
  int64_t getOut() const { return (size - window) / stride + 1; }
};

} // namespace

static std::string describe(const Matmul &p) {
  return std::to_string(p.m) + "x" + std::to_string(p.k) + "x" +
         std::to_string(p.n);
}

static std::string describe(const Conv &p) {
  return "conv " + std::to_string(p.size) + "x" + std::to_string(p.size) +
         " channels " + std::to_string(p.channels) + "x" +
         std::to_string(p.outputs) + " window " + std::to_string(p.window) +
         " stride " + std::to_string(p.stride);
}

static std::string multiply(Writer &writer, const Matmul &p,
                            const std::string &input,
                            const std::string &weights) {
  std::string result = Writer::getType({p.m, p.n}, "f32");
  return writer.finish("qnn.matmul %x, %w {transpose_b} : (" + input + ", " +
                           weights + ") -> " + result,
                       result);
}

static std::string convolve(Writer &writer, const Conv &p,
                            const std::string &input,
                            const std::string &weights) {
  std::string result =
      Writer::getType({1, p.getOut(), p.getOut(), p.outputs}, "f32");
  std::string stride = std::to_string(p.stride);
  return writer.finish(
      "qnn.conv %x, %w {strides = array<i64: " + stride + ", " + stride +
          ">, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, "
          "groups = " +
          std::to_string(p.groups) + " : i64, channels_last} : (" + input +
          ", " + weights + ") -> " + result,
      result);
}

static TuningProblem makeFloats(const Matmul &p) {
  Writer writer;
  std::string input = Writer::getType({p.m, p.k}, "f32"),
              weights = Writer::getType({p.n, p.k}, "f32");
  writer.addArgument("x", input);
  writer.addConstant("w", weights, "0.01");
  return {"f32 " + describe(p), multiply(writer, p, input, weights)};
}

static TuningProblem makeFloats(const Conv &p) {
  Writer writer;
  std::string input = Writer::getType({1, p.size, p.size, p.channels}, "f32"),
              weights = Writer::getType(
                  {p.outputs, p.channels / p.groups, p.window, p.window},
                  "f32");
  writer.addArgument("x", input);
  writer.addConstant("w", weights, "0.01");
  return {"f32 " + describe(p), convolve(writer, p, input, weights)};
}

/// Makes %x and %w of codes of a byte, with a scale for the input and one for
/// each output; `isWide`: weights that less their zero point are no bytes.
static std::pair<std::string, std::string> addBytes(Writer &writer,
                                                    const Extents &inputShape,
                                                    const Extents &shape,
                                                    bool isWide) {
  std::string input = Writer::getFormatted(inputShape, "int8, tensor<f32>"),
              weights = Writer::getFormatted(
                  shape, isWide ? "uint8, tensor<f32, zero = 77>"
                                : "int8, axis<0, f32>");
  std::string inputCodes = Writer::getType(inputShape, "i8"),
              codes = Writer::getType(shape, "i8"),
              scale = Writer::getType({}, "f32"),
              scales = Writer::getType(
                  isWide ? Extents() : Extents{shape.front()}, "f32");
  writer.addArgument("c", inputCodes);
  writer.addConstant("s", scale, "0.02");
  writer.addWrap("x", {"c", "s"}, {inputCodes, scale}, input);
  writer.addConstant("wc", codes, "3");
  writer.addConstant("ws", scales, "0.01");
  writer.addWrap("w", {"wc", "ws"}, {codes, scales}, weights);
  return {input, weights};
}

static TuningProblem makeBytes(const Matmul &p, bool isWide) {
  Writer writer;
  auto [input, weights] = addBytes(writer, {p.m, p.k}, {p.n, p.k}, isWide);
  return {(isWide ? "i8 wide " : "i8 ") + describe(p),
          multiply(writer, p, input, weights)};
}

static TuningProblem makeBytes(const Conv &p) {
  Writer writer;
  auto [input, weights] =
      addBytes(writer, {1, p.size, p.size, p.channels},
               {p.outputs, p.channels / p.groups, p.window, p.window},
               /*isWide=*/false);
  return {"i8 " + describe(p), convolve(writer, p, input, weights)};
}

/// Weights of `bits`: of 4 in blocks of 32 that have a scale each, of 8 with
/// one for each output. Activations are floats, or int8 with a scale for each
/// row.
static TuningProblem makeFormatted(const Matmul &p, int64_t bits,
                                   bool isExact) {
  Writer writer;
  bool hasBlocks = bits < 8;
  std::string weights = Writer::getFormatted(
      {p.n, p.k}, "int" + std::to_string(bits) +
                      (hasBlocks ? ", block<1x32, f32>" : ", axis<0, f32>"));
  std::string codes = Writer::getType({p.n, p.k * bits / 8}, "i8"),
              scales = Writer::getType(
                  hasBlocks ? Extents{p.n, p.k / 32} : Extents{p.n}, "f32");
  writer.addConstant("wc", codes, "3");
  writer.addConstant("ws", scales, "0.01");
  std::string values = Writer::getType({p.m, p.k}, "f32");
  std::string name = std::to_string(bits) + " bits " + describe(p);
  if (!isExact) {
    writer.addArgument("x", values);
    writer.addWrap("f", {"wc", "ws"}, {codes, scales}, weights);
    std::string decoded = Writer::getType({p.n, p.k}, "f32");
    writer.add("w", "qnn.decode %f : (" + weights + ") -> " + decoded);
    return {"f32 by " + name, multiply(writer, p, values, decoded)};
  }
  std::string input = Writer::getFormatted({p.m, p.k}, "int8, axis<0, f32>"),
              inputCodes = Writer::getType({p.m, p.k}, "i8"),
              inputScales = Writer::getType({p.m}, "f32");
  writer.addArgument("c", inputCodes);
  writer.addArgument("s", inputScales);
  writer.addWrap("x", {"c", "s"}, {inputCodes, inputScales}, input);
  writer.addWrap("w", {"wc", "ws"}, {codes, scales}, weights);
  return {"i8 by " + name, multiply(writer, p, input, weights)};
}

/// `batch` products of two activations.
static TuningProblem makeProduct(int64_t batch, const Matmul &p, bool isExact) {
  Writer writer;
  llvm::StringRef element = isExact ? "i16" : "f32";
  std::string left = Writer::getType({batch, p.m, p.k}, element),
              right = Writer::getType({batch, p.k, p.n}, element),
              result =
                  Writer::getType({batch, p.m, p.n}, isExact ? "i32" : "f32");
  writer.addArgument("x", left);
  writer.addArgument("w", right);
  return {(isExact ? "i16 product " : "f32 product ") + std::to_string(batch) +
              " of " + describe(p),
          writer.finish(std::string("qnn.matmul %x, %w ") +
                            (isExact ? "{accumulators} " : "") + ": (" + left +
                            ", " + right + ") -> " + result,
                        result)};
}

/// Ops without kernels.
static void addLoops(std::vector<TuningProblem> &problems) {
  for (int64_t rows : {64, 512}) {
    std::string type = Writer::getType({rows, 768}, "f32"),
                turned = Writer::getType({768, rows}, "f32"),
                row = Writer::getType({rows}, "f32");
    auto add = [&](llvm::StringRef name, const std::string &op,
                   const std::string &result) {
      Writer writer;
      writer.addArgument("x", type);
      problems.push_back({name.str() + " " + std::to_string(rows) + "x768",
                          writer.finish(op, result)});
    };
    add("exp", "qnn.unary exp %x : (" + type + ") -> " + type, type);
    add("tanh", "qnn.unary tanh %x : (" + type + ") -> " + type, type);
    add("relu", "qnn.unary relu %x : (" + type + ") -> " + type, type);
    add("square",
        "qnn.binary mul %x, %x : (" + type + ", " + type + ") -> " + type,
        type);
    add("sum",
        "qnn.reduce sum %x {axes = array<i64: 1>} : (" + type + ") -> " + row,
        row);
    add("transpose",
        "qnn.transpose %x {permutation = array<i64: 1, 0>} : (" + type +
            ") -> " + turned,
        turned);
  }
}

std::vector<TuningProblem> qcc::cpu::makeTuningProblems() {
  const Matmul matmuls[] = {{1, 768, 768},   {1, 768, 3072},   {1, 4096, 4096},
                            {4, 512, 512},   {16, 512, 512},   {64, 1024, 1000},
                            {128, 768, 768}, {128, 768, 3072}, {128, 3072, 768},
                            {196, 256, 512}, {512, 512, 512},  {784, 64, 128},
                            {100, 100, 100}, {3136, 64, 24},   {49, 2048, 512},
                            {256, 128, 10},  {128, 4096, 4096}};
  const Conv convs[] = {{58, 64, 64, 3, 1},   {30, 128, 128, 3, 1},
                        {16, 256, 256, 3, 1}, {9, 512, 512, 3, 1},
                        {56, 64, 256, 1, 1},  {28, 256, 512, 1, 1},
                        {114, 3, 32, 3, 2},   {114, 16, 96, 1, 1}};
  const Conv depthwise[] = {
      {58, 96, 96, 3, 1, 96},    {30, 192, 192, 3, 1, 192},
      {16, 384, 384, 3, 1, 384}, {9, 576, 576, 3, 1, 576},
      {57, 144, 144, 3, 2, 144}, {32, 40, 40, 5, 1, 40}};
  const std::pair<Matmul, int64_t> formatted[] = {
      {{1, 768, 768}, 4},    {{1, 768, 3072}, 4},   {{1, 4096, 4096}, 4},
      {{4, 1024, 1024}, 4},  {{16, 768, 768}, 4},   {{128, 768, 768}, 4},
      {{128, 3072, 768}, 4}, {{64, 1024, 1000}, 8}, {{1, 2048, 2048}, 8},
      {{256, 512, 512}, 8},  {{128, 4096, 4096}, 4}};
  const std::pair<int64_t, Matmul> products[] = {
      {12, {128, 64, 128}}, {12, {128, 128, 64}}, {1, {256, 256, 256}},
      {8, {1, 64, 512}},    {16, {64, 32, 64}},   {4, {384, 64, 384}}};
  std::vector<TuningProblem> problems;
  for (const Matmul &p : matmuls)
    problems.push_back(makeFloats(p));
  for (const Conv &p : convs)
    problems.push_back(makeFloats(p));
  for (const Matmul &p : matmuls)
    problems.push_back(makeBytes(p, /*isWide=*/false));
  for (const Conv &p : convs)
    problems.push_back(makeBytes(p));
  for (const Matmul &p :
       {Matmul{1, 768, 768}, Matmul{16, 512, 512}, Matmul{128, 768, 768},
        Matmul{512, 512, 512}, Matmul{784, 64, 128}})
    problems.push_back(makeBytes(p, /*isWide=*/true));
  for (bool isExact : {false, true})
    for (auto [p, bits] : formatted)
      problems.push_back(makeFormatted(p, bits, isExact));
  for (bool isExact : {false, true})
    for (auto [batch, p] : products)
      problems.push_back(makeProduct(batch, p, isExact));
  for (const Conv &p : depthwise) {
    problems.push_back(makeFloats(p));
    problems.push_back(makeBytes(p));
  }
  addLoops(problems);
  return problems;
}
