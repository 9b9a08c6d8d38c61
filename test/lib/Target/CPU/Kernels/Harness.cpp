#include "test/lib/Target/CPU/Kernels/Harness.h"

#include "dialects/QNN/IR/Dialect.h"
#include "lib/Formats/Packing.h"
#include "lib/Host/LLVMOptions.h"
#include "lib/Target/CPU/Kernels/Passes.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"
#include "lib/Target/CPU/Machine.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Target/TargetMachine.h"

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

using namespace mlir;
using namespace qcc::cpu;
using namespace qcc::cpu::test;
namespace test = qcc::cpu::test;

std::string Case::getName() const {
  std::string name;
  llvm::raw_string_ostream os(name);
  os << n << 'x' << h << 'x' << w << 'x' << c << " to " << k << ", window " << r
     << 'x' << s << ", stride " << strideH << 'x' << strideW << ", dilation "
     << dilationH << 'x' << dilationW << ", groups " << groups
     << (isMatrix ? ", matrix" : "") << (isStatic ? ", static" : "")
     << ", ending " << int(ending) << ", numbers " << int(numbers) << ", signs "
     << signs.isInputSigned << signs.areWeightsSigned << ", weights "
     << weightsFormat;
  return name;
}

static std::vector<float> makeNumbers(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> numbers(-1, 1);
  std::vector<float> result(count);
  for (float &number : result)
    number = numbers(generator);
  return result;
}

template <typename Visit>
static void forEachProduct(const Case &test, int64_t row, int64_t k,
                           Visit visit) {
  int64_t ow = row % test.outW(), line = row / test.outW();
  int64_t oh = line % test.outH(), n = line / test.outH();
  int64_t channels = test.c / test.groups;
  int64_t group = k / (test.k / test.groups);
  for (int64_t r = 0; r < test.r; ++r)
    for (int64_t s = 0; s < test.s; ++s) {
      int64_t y = oh * test.strideH + r * test.dilationH;
      int64_t x = ow * test.strideW + s * test.dilationW;
      size_t input =
          ((n * test.h + y) * test.w + x) * test.c + group * channels;
      size_t weight = ((k * test.r + r) * test.s + s) * channels;
      for (int64_t c = 0; c < channels; ++c)
        visit(input + c, weight + c);
    }
}

static std::vector<char> makeElements(const Case &test, size_t count,
                                      unsigned seed) {
  std::vector<char> bytes(count * (test.hasCodes() ? 1 : 4));
  if (!test.hasCodes()) {
    std::vector<float> numbers = makeNumbers(count, seed);
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
  }
  std::mt19937 generator(seed);
  for (char &byte : bytes)
    byte = static_cast<char>(generator());
  return bytes;
}

static double getElement(const Case &test, const std::vector<char> &bytes,
                         size_t i, bool isSigned) {
  if (test.hasCodes())
    return isSigned ? double(static_cast<signed char>(bytes[i]))
                    : double(static_cast<unsigned char>(bytes[i]));
  float number;
  std::memcpy(&number, &bytes[i * 4], 4);
  return number;
}

static bool isOutputBytes(const Case &test) {
  return test.isExact() && test.ending == Ending::BiasRelu;
}

double Data::getOutput(const Case &test, size_t i) const {
  if (isOutputBytes(test))
    return static_cast<signed char>(output[i]);
  if (test.isExact() && test.ending == Ending::None) {
    int32_t number;
    std::memcpy(&number, &output[i * 4], 4);
    return number;
  }
  float number;
  std::memcpy(&number, &output[i * 4], 4);
  return number;
}

/// What the region makes of a sum.
static double finish(const Case &test, double sum, float bias, float residual,
                     float factor) {
  if (test.isExact()) {
    if (test.ending == Ending::RowFactor)
      return static_cast<float>(sum) * (factor * bias);
    float scaled = static_cast<float>(sum) * bias;
    if (test.ending == Ending::BiasRelu)
      return std::fmin(std::fmax(std::nearbyint(scaled), -128), 127);
    return test.ending == Ending::None ? sum : double(scaled + residual);
  }
  if (test.ending == Ending::RowFactor)
    sum *= factor;
  if (test.ending != Ending::None)
    sum += bias;
  if (test.ending == Ending::BiasRelu)
    sum = std::fmax(sum, 0);
  return test.ending == Ending::BiasResidual ? sum + residual : sum;
}

MLIRContext &test::getContext() {
  static MLIRContext *context = [] {
    DialectRegistry registry;
    registerAllDialects(registry);
    registerAllExtensions(registry);
    registerAllToLLVMIRTranslations(registry);
    registry.insert<qcc::qnn::QNNDialect>();
    auto *made = new MLIRContext(registry);
    made->loadDialect<qcc::qnn::QNNDialect>();
    return made;
  }();
  return *context;
}

WeightsShape Case::getWeightsShape() const {
  WeightsShape shape = {k, r, s, c / groups, groups, dilationW};
  if (numbers == Numbers::F32)
    return shape;
  std::string format = getWeightsFormat();
  shape.format = cast<qcc::qnn::FormatAttr>(
      parseAttribute("#qnn.format<" + format + ">", &getContext()));
  return shape;
}

std::string Case::getWeightsFormat() const {
  if (isExact())
    return std::string(signs.areWeightsSigned ? "int8" : "uint8") +
           ", tensor<f32" +
           (zeroPoint ? ", zero = " + std::to_string(zeroPoint) : "") +
           ">, dense";
  return weightsFormat;
}

/// Codes, scales and zero points of a matrix of weights, and what they mean.
void Data::makeCodes(const Case &test) {
  StreamFormat format =
      llvm::cantFail(StreamFormat::create(test.getWeightsShape()));
  std::mt19937 generator(2);
  unsigned bits = format.codec->getBits();
  int64_t rowBytes = qcc::formats::getRowBytes(format.length, bits);
  int64_t blocks = std::max<int64_t>(format.blocks, 1);
  weights.assign(test.k * rowBytes, 0);
  scales.assign(test.k * format.getScalesBytes(), 0);
  // A byte each, unlike codes.
  zeroPoints.assign(format.hasZeroPoints ? test.k * blocks : 0, 0);
  uint32_t mask = (1u << bits) - 1;
  auto *codes = reinterpret_cast<uint8_t *>(weights.data());
  for (int64_t k = 0; k < test.k; ++k)
    for (int64_t j = 0; j < format.length; ++j) {
      int64_t block = j / format.blockLength;
      bool isNew = j % format.blockLength == 0 && k % format.blockOutputs == 0;
      int64_t i = k / format.blockOutputs * blocks + block;
      if (isNew && format.blocks) {
        // A number that f16 has exactly.
        float scale = (1 + generator() % 64) / 256.0f;
        _Float16 half = scale;
        if (format.scaleCodec)
          scales[i] = static_cast<char>(format.scaleCodec->encode(scale, 0));
        else if (format.hasHalfScales)
          std::memcpy(&scales[i * 2], &half, 2);
        else
          std::memcpy(&scales[i * 4], &scale, 4);
        if (format.hasZeroPoints)
          zeroPoints[i] = static_cast<char>(generator() & mask);
      }
      uint32_t code = generator() & mask;
      if (!std::isfinite(format.codec->decode(code, 0)))
        code = 0;
      qcc::formats::writeCode(codes + k * rowBytes, j, bits, code);
      double zero = format.zeroPoint + format.least;
      if (format.hasZeroPoints)
        zero = format.codec->decode(static_cast<uint8_t>(zeroPoints[i]), 0);
      double scale = 1;
      if (format.scaleCodec) {
        scale = format.scaleCodec->decode(static_cast<uint8_t>(scales[i]), 0);
      } else if (format.hasHalfScales) {
        _Float16 half;
        std::memcpy(&half, &scales[i * 2], 2);
        scale = half;
      } else if (format.blocks) {
        float single;
        std::memcpy(&single, &scales[i * 4], 4);
        scale = single;
      }
      double value = format.codec->decode(code, 0);
      realWeights.push_back((format.isInteger() ? value - zero : value) *
                            scale);
    }
}

void Data::sumBlocks(const Case &test) {
  StreamFormat format =
      llvm::cantFail(StreamFormat::create(test.getWeightsShape()));
  for (int64_t row = 0; row < test.rows(); ++row)
    for (int64_t first = 0; first < test.c; first += format.blockLength) {
      int64_t end = std::min(test.c, first + format.blockLength);
      const char *codes = input.data() + row * test.c;
      int32_t sum = std::accumulate(codes + first, codes + end, 0);
      blockSums.push_back(format.hasZeroPoints ? sum : -format.zeroPoint * sum);
    }
}

Data::Data(const Case &test, const KernelConfig &config, bool withReference) {
  int64_t rows = test.rows();
  input = makeElements(test, test.n * test.h * test.w * test.c, 1);
  weights =
      makeElements(test, test.k * test.r * test.s * (test.c / test.groups), 2);
  if (!test.weightsFormat.empty())
    makeCodes(test);
  bias = makeNumbers(test.k, 3);
  if (test.isExact())
    for (float &scale : bias)
      scale *= 1e-3f;
  residual = makeNumbers(rows * test.k, 4);
  rowScales.assign(rows, 1);
  rowFactors = makeNumbers(rows, 6);
  if (test.numbers == Numbers::Block) {
    rowScales = makeNumbers(rows, 5);
    sumBlocks(test);
  }
  for (int64_t k = 0; k < test.k; ++k)
    start.push_back(1000 * k - 70000);
  // Not what is expected: NaN in floats.
  output.assign(rows * test.k * (isOutputBytes(test) ? 1 : 4), char(0xFF));
  Weights all;
  all.shape = test.getWeightsShape();
  all.codes = weights;
  all.scales = scales;
  all.zeroPoints = zeroPoints;
  llvm::cantFail(
      packWeights(all, config, [&](llvm::ArrayRef<char> part) -> llvm::Error {
        packed.insert(packed.end(), part.begin(), part.end());
        return llvm::Error::success();
      }));
  if (!withReference)
    return;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < test.k; ++k) {
      double sum = test.isExact() ? start[k] : 0, magnitude = 0;
      forEachProduct(test, row, k, [&](size_t i, size_t w) {
        double product =
            getElement(test, input, i, test.signs.isInputSigned) *
            (realWeights.empty()
                 ? getElement(test, weights, w, test.signs.areWeightsSigned) -
                       double(test.zeroPoint)
                 : realWeights[w]);
        product *= rowScales[row];
        sum += product;
        magnitude += std::fabs(product);
      });
      expected.push_back(finish(test, sum, bias[k], residual[row * test.k + k],
                                rowFactors[row]));
      if (test.ending == Ending::RowFactor)
        magnitude *= std::fabs(rowFactors[row]);
      bound.push_back(!test.isExact() ? 1e-5 * magnitude + 1e-6 : 0);
    }
}

//===----------------------------------------------------------------------===//
// IR
//===----------------------------------------------------------------------===//

static std::string getType(const Case &test, ArrayRef<int64_t> extents,
                           StringRef element) {
  std::string type = "memref<";
  llvm::raw_string_ostream os(type);
  for (auto [axis, extent] : llvm::enumerate(extents))
    if (test.isStatic || axis + 1 == extents.size())
      os << extent << 'x';
    else
      os << "?x";
  os << element << '>';
  return type;
}

static std::string getRegion(const Case &test) {
  if (test.isExact()) {
    std::string scale = " %f = arith.sitofp %a : i32 to f32\n"
                        " %m = arith.mulf %f, %b0 : f32\n";
    switch (test.ending) {
    case Ending::None:
      return "^bb0(%a: i32):\n qnn.yield %a : i32\n";
    case Ending::BiasRelu:
      return "^bb0(%a: i32, %b0: f32):\n" + scale +
             " %lo = arith.constant -128.0 : f32\n"
             " %hi = arith.constant 127.0 : f32\n"
             " %0 = math.roundeven %m : f32\n"
             " %1 = arith.maxnumf %0, %lo : f32\n"
             " %2 = arith.minnumf %1, %hi : f32\n"
             " %3 = arith.fptosi %2 : f32 to i8\n qnn.yield %3 : i8\n";
    case Ending::BiasResidual:
      return "^bb0(%a: i32, %b0: f32, %r0: f32):\n" + scale +
             " %0 = arith.addf %m, %r0 : f32\n qnn.yield %0 : f32\n";
    case Ending::RowFactor:
      return "^bb0(%a: i32, %p0: f32, %b0: f32):\n"
             " %f = arith.sitofp %a : i32 to f32\n"
             " %m = arith.mulf %p0, %b0 : f32\n"
             " %0 = arith.mulf %f, %m : f32\n qnn.yield %0 : f32\n";
    }
  }
  switch (test.ending) {
  case Ending::None:
    return "^bb0(%a: f32):\n qnn.yield %a : f32\n";
  case Ending::BiasRelu:
    return "^bb0(%a: f32, %b0: f32):\n %0 = arith.addf %a, %b0 : f32\n"
           " %z = arith.constant 0.0 : f32\n"
           " %1 = arith.maximumf %0, %z : f32\n qnn.yield %1 : f32\n";
  case Ending::BiasResidual:
    return "^bb0(%a: f32, %b0: f32, %r0: f32):\n"
           " %0 = arith.addf %a, %b0 : f32\n %1 = arith.addf %0, %r0 : f32\n"
           " qnn.yield %1 : f32\n";
  case Ending::RowFactor:
    return "^bb0(%a: f32, %p0: f32, %b0: f32):\n"
           " %0 = arith.mulf %a, %p0 : f32\n %1 = arith.addf %0, %b0 : f32\n"
           " qnn.yield %1 : f32\n";
  }
  return "";
}

static std::string getFormats(const Case &test) {
  std::string text;
  if (test.isExact())
    text = std::string("input_format = #qnn.format<") +
           (test.signs.isInputSigned ? "int8" : "uint8") +
           ", tensor<f32>, dense>, ";
  if (test.numbers == Numbers::Block)
    text = "input_format = #qnn.format<int8, axis<0, f32>, dense>, ";
  if (test.numbers != Numbers::F32)
    text += "weights_format = #qnn.format<" + test.getWeightsFormat() + ">, ";
  return text;
}

static std::string getText(const Case &test, const KernelConfig &config,
                           MLIRContext *context) {
  bool isInteger = test.isExact();
  std::string in = test.hasCodes() ? "i8" : "f32";
  std::string out = isOutputBytes(test)                        ? "i8"
                    : isInteger && test.ending == Ending::None ? "i32"
                                                               : "f32";
  auto getOut = [&](StringRef element, int64_t channels) {
    return test.isMatrix
               ? getType(test, {test.n, channels}, element)
               : getType(test, {test.n, test.outH(), test.outW(), channels},
                         element);
  };
  std::string x = test.isMatrix
                      ? getType(test, {test.n, test.c}, in)
                      : getType(test, {test.n, test.h, test.w, test.c}, in);
  std::string y = getOut(out, test.k), residual = getOut("f32", test.k);
  std::string factors = getOut("f32", 1);
  std::string count = std::to_string(test.k);
  std::string bias = "memref<" + count + "xf32>";
  std::string start = "memref<" + count + "xi32>";
  int64_t bytes = getPackedBytes(test.getWeightsShape(), config);
  std::string w = "memref<" + std::to_string(bytes) + "xi8>";
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "func.func @f(%x: " << x << ", %w: " << w << ", %b: " << bias
     << ", %r: " << residual << ", %s: " << start
     << ", %q: memref<?xf32>, %sums: memref<?x?xi32>, %p: " << factors
     << ", %y: " << y
     << ") attributes {llvm.emit_c_interface} {\n  qnn.contract ins(%x, %w : "
     << x << ", " << w << ")";
  if (test.numbers == Numbers::Block)
    os << " scales(%q : memref<?xf32>) sums(%sums : memref<?x?xi32>)";
  if (isInteger)
    os << " start(%s : " << start << ")";
  if (test.ending == Ending::BiasRelu)
    os << " extras(%b : " << bias << ")";
  if (test.ending == Ending::BiasResidual)
    os << " extras(%b, %r : " << bias << ", " << residual << ")";
  if (test.ending == Ending::RowFactor)
    os << " extras(%p, %b : " << factors << ", " << bias << ")";
  auto pair = [&](StringRef name, int64_t a, int64_t b) {
    os << name << " = array<i64: " << a << ", " << b << ">, ";
  };
  os << " outs(%y : " << y << ") attributes {";
  pair("strides", test.strideH, test.strideW);
  pair("dilations", test.dilationH, test.dilationW);
  pair("window", test.r, test.s);
  Type accumulator = isInteger ? Type(IntegerType::get(context, 32))
                               : Type(Float32Type::get(context));
  Attribute kernel = qcc::qnn::KernelAttr::get(
      context, config.getKernelName(), accumulator, config.getTile(),
      qcc::cpu::getPacking(context, config));
  os << getFormats(test) << "groups = " << test.groups
     << " : i64, kernel = " << kernel << "} {\n"
     << getRegion(test) << "}\n  return\n}\n";
  return text;
}

static void addLowering(PassManager &pm) {
  pm.addPass(createExpandContract());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

Compiled::~Compiled() = default;

Compiled::Compiled(const Case &test, const KernelConfig &config,
                   llvm::StringRef mcpu)
    : Compiled(getText(test, config, &getContext()), mcpu) {}

Compiled::Compiled(const std::string &text, llvm::StringRef mcpu) {
  qcc::host::initializeLLVMOnce();
  MLIRContext *context = &getContext();
  llvm::raw_string_ostream os(error);
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    os << diagnostic << '\n';
    return success();
  });
  auto module = parseSourceString<ModuleOp>(text, context);
  if (!module)
    return;
  PassManager pm(context);
  addLowering(pm);
  if (failed(pm.run(*module))) {
    os << "passes failed";
    return;
  }
  auto machine = createTargetMachine(Machine{mcpu.str(), "", ""});
  if (!machine) {
    os << llvm::toString(machine.takeError());
    return;
  }
  auto optimize = makeOptimizingTransformer(3, 0, machine->get());
  ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  auto made = ExecutionEngine::create(*module, options, std::move(*machine));
  if (!made) {
    os << llvm::toString(made.takeError());
    return;
  }
  engine = std::move(*made);
  auto found = engine->lookup("_mlir_ciface_f");
  if (!found) {
    os << llvm::toString(found.takeError());
    return;
  }
  function = *found;
}

namespace {
/// MLIR's descriptor of a dense memory of up to four axes.
struct Descriptor {
  void *base, *aligned;
  int64_t offset = 0;
  int64_t numbers[8];

  Descriptor(void *data, ArrayRef<int64_t> extents)
      : base(data), aligned(data) {
    int64_t stride = 1, rank = extents.size();
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      numbers[axis] = extents[axis];
      numbers[rank + axis] = stride;
      stride *= extents[axis];
    }
  }
};
} // namespace

void Compiled::run(const Case &test, Data &data) const {
  SmallVector<int64_t> in = {test.n, test.h, test.w, test.c};
  SmallVector<int64_t> out = {test.n, test.outH(), test.outW(), test.k};
  if (test.isMatrix) {
    in = {test.n, test.c};
    out = {test.n, test.k};
  }
  Descriptor x(data.input.data(), in);
  Descriptor w(data.packed.data(), {int64_t(data.packed.size())});
  Descriptor b(data.bias.data(), {test.k});
  Descriptor r(data.residual.data(), out), s(data.start.data(), {test.k});
  Descriptor q(data.rowScales.data(), {int64_t(data.rowScales.size())});
  int64_t blocks = data.blockSums.size() / std::max<int64_t>(test.rows(), 1);
  Descriptor z(data.blockSums.data(), {test.rows(), blocks});
  Descriptor y(data.output.data(), out);
  out.back() = 1;
  Descriptor p(data.rowFactors.data(), out);
  using Function = void (*)(Descriptor *, Descriptor *, Descriptor *,
                            Descriptor *, Descriptor *, Descriptor *,
                            Descriptor *, Descriptor *, Descriptor *);
  reinterpret_cast<Function>(function)(&x, &w, &b, &r, &s, &q, &z, &p, &y);
}

void Compiled::runMatmul(int64_t batch, int64_t shared, int64_t m, int64_t k,
                         int64_t n, void *left, void *right, void *out) const {
  Descriptor x(left, {batch, m, k}), w(right, {batch / shared, k, n});
  Descriptor y(out, {batch, m, n});
  reinterpret_cast<void (*)(Descriptor *, Descriptor *, Descriptor *)>(
      function)(&x, &w, &y);
}
