// Numbers in memory: what goes into a model, comes out of it, and flows between
// the ops that the interpreter evaluates.
//
// Elements lie in row-major order, little endian, each in the smallest of 1, 2,
// 4 and 8 bytes that holds its bits; so i1, i4 and f4E2M1FN take a byte each,
// as they do in a DenseElementsAttr. The high bits of such a byte are 0 in what
// qcc writes and ignored in what it reads.
//
// Copies share the bytes. A tensor made by over() points into memory of others,
// such as a mapped file: weights are never copied. Its address may have any
// alignment.

#ifndef QCC_EXECUTOR_TENSOR_H
#define QCC_EXECUTOR_TENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MathExtras.h"

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace qcc {

/// Bytes of one element: 1, 2, 4 or 8.
inline unsigned getElementBytes(mlir::Type type) {
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return llvm::PowerOf2Ceil(llvm::divideCeil(bits, 8));
}

class Tensor {
public:
  /// No model may ask for more in one tensor.
  static constexpr int64_t maxBytes = int64_t(1) << 35;

  Tensor() = default;

  /// Bytes that such a tensor takes. An error where an extent is negative, or
  /// where the extents that are not 0 ask for more than maxBytes; so no product
  /// of extents overflows.
  static llvm::Expected<int64_t> getSize(mlir::Type elementType,
                                         llvm::ArrayRef<int64_t> shape) {
    int64_t bytes = qcc::getElementBytes(elementType);
    bool isEmpty = false;
    for (int64_t extent : shape) {
      if (extent < 0)
        return llvm::createStringError("a tensor cannot have an extent of " +
                                       std::to_string(extent));
      if (extent > 0 && bytes > maxBytes / extent)
        return llvm::createStringError(
            "a tensor of more than 32 GiB would be needed; check the shapes "
            "that the inputs ask for");
      isEmpty |= extent == 0;
      bytes *= std::max<int64_t>(extent, 1);
    }
    return isEmpty ? 0 : bytes;
  }

  /// Zeros.
  static llvm::Expected<Tensor> allocate(mlir::Type elementType,
                                         llvm::ArrayRef<int64_t> shape) {
    llvm::Expected<int64_t> size = getSize(elementType, shape);
    if (!size)
      return size.takeError();
    auto *data =
        static_cast<char *>(std::calloc(std::max<int64_t>(*size, 1), 1));
    if (!data)
      return llvm::createStringError("no memory for a tensor of " +
                                     std::to_string(*size) + " bytes");
    Tensor tensor(elementType, shape, data,
                  std::shared_ptr<const void>(data, [](const void *memory) {
                    std::free(const_cast<void *>(memory));
                  }));
    tensor.writable = data;
    return tensor;
  }

  /// A tensor over bytes that `owner` keeps, or that outlive it.
  static Tensor over(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                     const char *data, std::shared_ptr<const void> owner = {}) {
    return Tensor(elementType, shape, data, std::move(owner));
  }

  mlir::Type getElementType() const { return elementType; }
  mlir::RankedTensorType getType() const {
    return mlir::RankedTensorType::get(shape, elementType);
  }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return static_cast<int64_t>(shape.size()); }
  int64_t getDim(int64_t axis) const { return shape[axis]; }
  int64_t getNumElements() const {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    return count;
  }
  unsigned getElementBytes() const { return qcc::getElementBytes(elementType); }

  llvm::ArrayRef<char> getBytes() const {
    return {data, static_cast<size_t>(getNumElements() * getElementBytes())};
  }
  const std::shared_ptr<const void> &getOwner() const { return owner; }

  /// For whoever allocated it, before anybody else sees it.
  char *getWritable() {
    assert(writable && "memory of others is not written");
    return writable;
  }

  /// The same bytes as as many elements of another shape.
  Tensor reshape(llvm::ArrayRef<int64_t> newShape) const {
    Tensor result = *this;
    result.shape.assign(newShape.begin(), newShape.end());
    assert(result.getNumElements() == getNumElements());
    return result;
  }

  /// The same bytes as elements of another type of the same width.
  Tensor bitcast(mlir::Type newType) const {
    assert(qcc::getElementBytes(newType) == getElementBytes());
    Tensor result = *this;
    result.elementType = newType;
    return result;
  }

private:
  Tensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
         const char *data, std::shared_ptr<const void> owner)
      : elementType(elementType), shape(shape), data(data),
        owner(std::move(owner)) {}

  mlir::Type elementType;
  llvm::SmallVector<int64_t, 4> shape;
  const char *data = nullptr;
  char *writable = nullptr;
  std::shared_ptr<const void> owner;
};

} // namespace qcc

#endif // QCC_EXECUTOR_TENSOR_H
