#include "lib/Target/CPU/Kernels/DepthwiseKernel.h"

#include "lib/Target/CPU/Kernels/Arithmetic.h"

#include <map>

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

std::string DepthwiseVariant::getKey() const {
  std::string key = config.getKernelName();
  for (int64_t part : config.getTile())
    key += "," + std::to_string(part);
  for (int64_t part :
       {windowH, windowW, strideW, dilationW, restChannels, inputPixel,
        int64_t(signs.isInputSigned), int64_t(signs.areWeightsSigned)})
    key += "," + std::to_string(part);
  return key;
}

namespace {

/// A vector of channels: the first, the vector's lanes, and those in use.
struct Channels {
  Value first, weights;
  int64_t lanes, used;
};

/// A line of an operand: its first element, and the distance of pixels.
struct Line {
  Value offset, pixel;
};

class DepthwiseEmitter {
public:
  DepthwiseEmitter(KernelBuilder &b, const DepthwiseVariant &variant,
                   ContractArgs &args, const Epilogue &epilogue)
      : b(b), variant(variant), config(variant.config), args(args),
        epilogue(epilogue) {}

  void emit();

private:
  Line getLine(const View &view, Value line, Value n, Value h);
  void emitLine(Value line);
  void emitChannels(const Channels &channels);
  void tile(const Channels &channels, Value w, int64_t pixels);
  Values sum(const Channels &channels, Value input, int64_t pixels);
  Values sumTaps(const Channels &channels, Value input, Values sums);
  void store(const Channels &channels, Value w, Value sum);
  Value shift(Value at, int64_t pixels);
  Value getStart(const Channels &channels);
  Value widen(Value codes, bool isSigned);
  Value loadInput(const Channels &channels, Value at);
  Value loadWeights(const Channels &channels, Value at);
  Value multiplyAdd(Value element, Value weights, Value sum);

  KernelBuilder &b;
  const DepthwiseVariant &variant;
  const KernelConfig &config;
  ContractArgs &args;
  const Epilogue &epilogue;
  Line input, init;
  SmallVector<Line> extras;
};

} // namespace

/// More taps are a loop: their code would not fit the instruction cache.
static constexpr int64_t kMaxUnrolledTaps = 25;

Line DepthwiseEmitter::getLine(const View &view, Value line, Value n, Value h) {
  if (view.kind == View::Rows)
    return {b.mul(b.mul(line, args.outW), view.strides[0]), view.strides[0]};
  if (view.kind != View::Image)
    return {};
  return {b.add(b.mul(n, view.strides[0]), b.mul(h, view.strides[1])),
          view.strides[2]};
}

Value DepthwiseEmitter::shift(Value at, int64_t pixels) {
  return b.add(at, b.mul(args.tapW, pixels));
}

Value DepthwiseEmitter::getStart(const Channels &channels) {
  if (args.start)
    return b.load(args.start, channels.first, channels.lanes, channels.used);
  Type type = config.isExact() ? Type(b.getI32Type()) : Type(b.getF32Type());
  return b.zeros(b.vectorOf(channels.lanes, type));
}

/// Codes as the integers that are multiplied; floats as they are.
Value DepthwiseEmitter::widen(Value codes, bool isSigned) {
  if (!config.isExact())
    return codes;
  auto type = cast<VectorType>(codes.getType()).clone(b.getI32Type());
  if (isSigned)
    return arith::ExtSIOp::create(b, b.getLoc(), type, codes);
  return arith::ExtUIOp::create(b, b.getLoc(), type, codes);
}

Value DepthwiseEmitter::loadInput(const Channels &channels, Value at) {
  return widen(b.load(args.input.flat, at, channels.lanes, channels.used),
               variant.signs.isInputSigned);
}

Value DepthwiseEmitter::loadWeights(const Channels &channels, Value at) {
  return widen(b.load(args.weights, at, channels.lanes),
               variant.signs.areWeightsSigned);
}

Value DepthwiseEmitter::multiplyAdd(Value element, Value weights, Value sum) {
  if (!config.isExact())
    return createFMA(b, config.hasFMA(), element, weights, sum);
  // LLVM sees that 16 bits hold the factors.
  Value product = arith::MulIOp::create(b, b.getLoc(), element, weights);
  return arith::AddIOp::create(b, b.getLoc(), sum, product);
}

Values DepthwiseEmitter::sum(const Channels &channels, Value at,
                             int64_t pixels) {
  Values sums(pixels, getStart(channels));
  for (int64_t r = 0; r < variant.windowH; ++r) {
    Value line = b.add(at, b.mul(args.tapH, r));
    std::map<int64_t, Value> loaded; // by distance from the first pixel
    for (int64_t s = 0; s < variant.windowW; ++s) {
      Value weights = loadWeights(
          channels,
          b.add(channels.weights, (r * variant.windowW + s) * config.lanes));
      for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        int64_t x = pixel * variant.strideW + s * variant.dilationW;
        Value &element = loaded[x];
        if (!element)
          element = loadInput(channels, shift(line, x));
        sums[pixel] = multiplyAdd(element, weights, sums[pixel]);
      }
    }
  }
  return sums;
}

Values DepthwiseEmitter::sumTaps(const Channels &channels, Value at,
                                 Values sums) {
  Value zero = b.index(0);
  return b.loop(zero, args.windowH, 1, sums, [&](Value r, ValueRange outer) {
    Value line = b.add(at, b.mul(args.tapH, r));
    return b.loop(zero, args.windowW, 1, outer, [&](Value s, ValueRange inner) {
      Value tap = b.add(b.mul(r, args.windowW), s);
      Value weights = loadWeights(
          channels, b.add(channels.weights, b.mul(tap, config.lanes)));
      Value x = b.add(line, b.mul(b.mul(s, variant.dilationW), args.tapW));
      Values next;
      for (auto [pixel, sum] : llvm::enumerate(inner)) {
        Value element = loadInput(channels, shift(x, pixel * variant.strideW));
        next.push_back(multiplyAdd(element, weights, sum));
      }
      return next;
    });
  });
}

void DepthwiseEmitter::store(const Channels &channels, Value w, Value sum) {
  auto getPixel = [&](const Line &line) {
    return b.add(line.offset, b.mul(w, line.pixel));
  };
  Values arguments = {sum};
  for (auto [extra, line] : llvm::zip_equal(args.extras, extras)) {
    Value row = extra.isByRow() ? getPixel(line) : Value();
    arguments.push_back(loadExtra(b, extra, row, channels.first, channels.lanes,
                                  channels.used));
  }
  Value result = epilogue.apply(b, arguments, args.captured, channels.lanes);
  b.store(result, args.init.flat, b.add(getPixel(init), channels.first),
          channels.used);
}

void DepthwiseEmitter::tile(const Channels &channels, Value w, int64_t pixels) {
  Value at = b.add(b.add(input.offset, b.mul(w, input.pixel)), channels.first);
  bool isUnrolled = variant.windowH * variant.windowW <= kMaxUnrolledTaps;
  Values sums = isUnrolled
                    ? sum(channels, at, pixels)
                    : sumTaps(channels, at, Values(pixels, getStart(channels)));
  for (int64_t pixel = 0; pixel < pixels; ++pixel)
    store(channels, b.add(w, pixel), sums[pixel]);
}

void DepthwiseEmitter::emitChannels(const Channels &channels) {
  Value whole = b.sub(args.outW, b.rem(args.outW, b.index(config.rows)));
  b.loop(b.index(0), whole, config.rows,
         [&](Value w) { tile(channels, w, config.rows); });
  b.loop(whole, args.outW, 1, [&](Value w) { tile(channels, w, 1); });
}

void DepthwiseEmitter::emitLine(Value line) {
  Value n = b.div(line, args.outH), h = b.rem(line, args.outH);
  input = getLine(args.input, line, n, h);
  init = getLine(args.init, line, n, h);
  extras.clear();
  for (View &extra : args.extras)
    extras.push_back(getLine(extra, line, n, h));
  int64_t taps = variant.windowH * variant.windowW;
  auto getChannels = [&](Value number, int64_t lanes, int64_t used) {
    return Channels{b.mul(number, config.lanes),
                    b.mul(number, taps * config.lanes), lanes, used};
  };
  b.loop(b.index(0), args.channels, 1, [&](Value number) {
    emitChannels(getChannels(number, config.lanes, config.lanes));
  });
  if (int64_t rest = variant.restChannels)
    emitChannels(getChannels(args.channels, llvm::PowerOf2Ceil(rest), rest));
}

void DepthwiseEmitter::emit() {
  if (variant.inputPixel >= 0) {
    args.tapW = b.index(variant.inputPixel);
    args.input.strides[2] = b.index(variant.inputPixel * variant.strideW);
  }
  b.loop(args.begin, args.end, 1, [&](Value line) { emitLine(line); });
}

void qcc::cpu::buildDepthwiseKernel(KernelBuilder &b,
                                    const DepthwiseVariant &variant,
                                    ContractArgs &args,
                                    const Epilogue &epilogue) {
  DepthwiseEmitter(b, variant, args, epilogue).emit();
}
