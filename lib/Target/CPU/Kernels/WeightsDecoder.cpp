#include "lib/Target/CPU/Kernels/WeightsDecoder.h"

#include "lib/Conversion/CodecToArith/CodecToArith.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

Value WeightsDecoder::loadCodes(Value j, int64_t vector) {
  Value step = b.div(j, b.index(getStep()));
  Value at = b.add(codes, b.mul(step, config.getPanel()));
  Value bytes = b.load(stream, b.add(at, vector * config.lanes), config.lanes);
  return arith::ExtUIOp::create(b, b.getLoc(), getIntegers(), bytes);
}

Values WeightsDecoder::decodeStep(Value j, int64_t vector, Value zeroPoint) {
  Value loaded = loadCodes(j, vector);
  Values numbers;
  for (int64_t i = 0; i < getStep(); ++i) {
    Value code = loaded;
    if (i > 0)
      code = arith::ShRUIOp::create(b, b.getLoc(), code,
                                    integers(i * format.bits));
    if (i + 1 < getStep())
      code = arith::AndIOp::create(b, b.getLoc(), code,
                                   integers((1 << format.bits) - 1));
    numbers.push_back(getNumber(code, zeroPoint));
  }
  return numbers;
}

Value WeightsDecoder::decodeOne(Value j, int64_t vector, Value zeroPoint) {
  Value code = loadCodes(j, vector);
  if (getStep() > 1) {
    Value shift = b.mul(b.rem(j, b.index(getStep())), format.bits);
    Value amount =
        arith::IndexCastOp::create(b, b.getLoc(), b.getI32Type(), shift);
    code = arith::ShRUIOp::create(b, b.getLoc(), code,
                                  b.broadcast(amount, config.lanes));
    code = arith::AndIOp::create(b, b.getLoc(), code,
                                 integers((1 << format.bits) - 1));
  }
  return getNumber(code, zeroPoint);
}

Value WeightsDecoder::convert(Value code) {
  return arith::SIToFPOp::create(b, b.getLoc(), getFloats(), code);
}

Value WeightsDecoder::getNumber(Value code, Value zeroPoint) {
  if (!format.isInteger())
    return lookUp(code);
  Value number = convert(code);
  if (zeroPoint)
    return arith::SubFOp::create(b, b.getLoc(), number, zeroPoint);
  return number;
}

Value WeightsDecoder::lookUp(Value code) {
  const formats::Codec &codec = *format.codec;
  bool hasRegisters = config.isa != ISA::Generic && config.lanes >= 8;
  bool fitsRegisters = codec.getBits() <= 4 && hasRegisters;
  if (fitsRegisters) { // A permutation is shorter than any arithmetic.
    SmallVector<float> numbers;
    for (uint32_t i = 0; i >> codec.getBits() == 0; ++i)
      numbers.push_back(static_cast<float>(codec.decode(i, 0)));
    return lookUpRegisters(std::move(numbers), code);
  }
  return conversion::emitDecode(
      b, codec, code, /*zeroPoint=*/nullptr, b.getF32Type(),
      [&](ArrayRef<float> table, Value index) {
        return table.size() <= 16 && hasRegisters
                   ? lookUpRegisters(SmallVector<float>(table), index)
                   : lookUpTable(table, index);
      });
}

/// Up to 16 numbers lie in one or two registers.
Value WeightsDecoder::lookUpRegisters(SmallVector<float> numbers, Value code) {
  numbers.resize(16);
  Location loc = b.getLoc();
  auto permute = [&](StringRef name, ArrayRef<float> part) {
    auto type = b.vectorOf(part.size(), b.getF32Type());
    Value table =
        arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, part));
    return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                         ValueRange{table, code})
        .getResult(0);
  };
  if (config.lanes == 16)
    return permute("llvm.x86.avx512.permvar.sf.512", numbers);
  StringRef name = "llvm.x86.avx2.permps";
  Value low = permute(name, ArrayRef(numbers).take_front(8));
  Value high = permute(name, ArrayRef(numbers).drop_front(8));
  Value isHigh = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, code,
                                       integers(7));
  return arith::SelectOp::create(b, loc, isHigh, high, low);
}

Value WeightsDecoder::lookUpTable(ArrayRef<float> numbers, Value code) {
  auto type = MemRefType::get({int64_t(numbers.size())}, b.getF32Type());
  auto module =
      b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto contents = DenseElementsAttr::get(
      RankedTensorType::get(type.getShape(), b.getF32Type()), numbers);
  std::string first = "kernel_table", name = first;
  auto find = [&] { return module.lookupSymbol<memref::GlobalOp>(name); };
  for (int64_t i = 1; find() && *find().getInitialValue() != contents; ++i)
    name = first + "_" + std::to_string(i);
  if (!find()) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    memref::GlobalOp::create(b, b.getLoc(), name, b.getStringAttr("private"),
                             type, contents, /*constant=*/true,
                             /*alignment=*/IntegerAttr());
  }
  Value table = memref::GetGlobalOp::create(b, b.getLoc(), type, name);
  Value mask = b.splat(b.getBoolAttr(true), config.lanes);
  return vector::GatherOp::create(b, b.getLoc(), getFloats(), table,
                                  ValueRange{b.index(0)}, code, mask,
                                  b.zeros(getFloats()));
}

/// Where a vector's parameters of a block lie, which begin at byte `from` of
/// the stream.
Value WeightsDecoder::getParameters(Value from, Value block, int64_t vector,
                                    int64_t elementBytes) {
  int64_t panel = config.getPanel() * elementBytes;
  return b.add(b.add(from, b.mul(block, panel)),
               vector * config.lanes * elementBytes);
}

Value WeightsDecoder::loadScale(Value block, int64_t vector) {
  if (format.blocks == 0)
    return {};
  return loadScaleAt(
      getParameters(scales, block, vector, format.getScaleBytes()));
}

Value WeightsDecoder::loadScaleAt(Value at) {
  Value bytes = b.load(stream, at, config.lanes * format.getScaleBytes());
  if (format.scaleCodec) {
    Value codes = arith::ExtUIOp::create(b, b.getLoc(), getIntegers(), bytes);
    return conversion::emitDecode(b, *format.scaleCodec, codes,
                                  /*zeroPoint=*/nullptr, b.getF32Type(),
                                  [&](ArrayRef<float> table, Value index) {
                                    return lookUpTable(table, index);
                                  });
  }
  if (!format.hasHalfScales)
    return b.bitcast(bytes, getFloats());
  Value half = b.bitcast(bytes, b.vectorOf(config.lanes, b.getF16Type()));
  return arith::ExtFOp::create(b, b.getLoc(), getFloats(), half);
}

Value WeightsDecoder::loadZeroPoint(Value block, int64_t vector) {
  if (!format.isInteger())
    return {};
  if (!format.hasZeroPoints)
    return format.zeroPoint == 0
               ? Value()
               : b.splat(b.getF32FloatAttr(format.zeroPoint), config.lanes);
  return convert(loadZeroPointCode(block, vector));
}

Value WeightsDecoder::loadZeroPointCode(Value block, int64_t vector) {
  Value bytes =
      b.load(stream, getParameters(zeroPoints, block, vector, 1), config.lanes);
  return arith::ExtUIOp::create(b, b.getLoc(), getIntegers(), bytes);
}

Values WeightsDecoder::forEachBlock(
    Value first, Value count, Values inits,
    llvm::function_ref<Values(Value, Value, Value, Values)> body) {
  Value end = b.add(first, count);
  if (format.blocks <= 1)
    return body(b.index(0), first, end, inits);
  Value length = b.index(format.blockLength);
  return b.loop(b.div(first, length), b.ceilDiv(end, format.blockLength), 1,
                inits, [&](Value block, ValueRange carried) {
                  Value begin = b.mul(block, format.blockLength);
                  Value from =
                      arith::MaxSIOp::create(b, b.getLoc(), first, begin);
                  return body(block, from, b.min(end, b.add(begin, length)),
                              Values(carried));
                });
}

void WeightsDecoder::decodeTo(Value buffer, Value first, Value count,
                              bool isAligned) {
  isAligned &= areBlocksAligned();
  forEachBlock(
      first, count, {}, [&](Value block, Value from, Value to, Values) {
        Values scale, zero;
        for (int64_t vector = 0; vector < config.vectors; ++vector) {
          scale.push_back(loadScale(block, vector));
          zero.push_back(loadZeroPoint(block, vector));
        }
        auto put = [&](Value number, Value j, int64_t offset, int64_t vector) {
          if (scale[vector])
            number =
                arith::MulFOp::create(b, b.getLoc(), number, scale[vector]);
          Value at = b.mul(b.add(b.sub(j, first), offset), config.getPanel());
          b.store(number, buffer, b.add(at, vector * config.lanes),
                  config.lanes);
        };
        Value whole = from;
        if (isAligned) {
          Value length = b.sub(to, from);
          whole = b.sub(to, b.rem(length, b.index(getStep())));
          b.loop(from, whole, getStep(), [&](Value j) {
            for (int64_t vector = 0; vector < config.vectors; ++vector)
              for (auto [i, number] :
                   llvm::enumerate(decodeStep(j, vector, zero[vector])))
                put(number, j, i, vector);
          });
        }
        if (!isAligned || getStep() > 1)
          b.loop(whole, to, 1, [&](Value j) {
            for (int64_t vector = 0; vector < config.vectors; ++vector)
              put(decodeOne(j, vector, zero[vector]), j, 0, vector);
          });
        return Values();
      });
}
