// Elements of tensors as C++ numbers.
//
// Each element type is computed in one of four types, which dispatch() chooses:
// double for f64, float for all other floats, uint64_t for unsigned integers
// and i1, int64_t for other integers and index. store() rounds to nearest even,
// or wraps.

#ifndef LIB_INTERPRETER_ELEMENTS_H
#define LIB_INTERPRETER_ELEMENTS_H

#include "qcc/Executor/Tensor.h"

#include "llvm/ADT/ArrayRef.h"

#include <array>
#include <vector>

namespace qcc::interpreter {

using Shape = llvm::SmallVector<int64_t>;

/// `fn` with a zero of the type in which elements of `type` are computed.
template <typename Fn> auto dispatch(mlir::Type type, Fn &&fn) {
  if (type.isF64())
    return fn(double());
  if (llvm::isa<mlir::FloatType>(type))
    return fn(float());
  if (type.isUnsignedInteger() || type.isInteger(1))
    return fn(uint64_t());
  return fn(int64_t());
}

/// The elements in row-major order. Numbers of one kind (floats or integers)
/// are read as C; an integer read as a float is converted.
template <typename C> std::vector<C> load(const Tensor &tensor);

/// Writes `values`, of the kind of the tensor's elements.
template <typename C> void store(llvm::ArrayRef<C> values, Tensor &tensor);

/// A new tensor of `values`.
template <typename C>
llvm::Expected<Tensor> makeTensor(mlir::Type elementType,
                                  llvm::ArrayRef<int64_t> shape,
                                  const std::vector<C> &values) {
  llvm::Expected<Tensor> result = Tensor::allocate(elementType, shape);
  if (result)
    store<C>(values, *result);
  return result;
}

/// A scalar: a tensor of rank 0.
Tensor makeScalar(mlir::Type elementType, int64_t value);

/// The one element of a tensor, which is an integer.
int64_t getInteger(const Tensor &scalar);

/// The bits of the float of type `type` nearest to `value`, ties to even. What
/// is beyond the largest number becomes infinity, or NaN without one, or the
/// largest number without either, which NaN becomes as well. f8E8M0FNU rounds
/// up and saturates.
uint64_t encodeFloat(mlir::FloatType type, double value);

/// The code of f8E8M0FNU, which has neither sign nor zero, for a magnitude: the
/// next power of two `up`, `down` or `nearest` (ties up). Beyond 2^-127 to
/// 2^127 it is the nearer end, or NaN.
uint64_t encodeE8M0(double value, llvm::StringRef roundMode, bool saturate);

/// The number that the bits stand for.
double decodeFloat(mlir::FloatType type, uint64_t bits);

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// The distance, in elements, between neighbours along each axis.
Shape getStrides(llvm::ArrayRef<int64_t> shape);

/// Strides of `shape` broadcast to `result`: 0 along an axis of extent 1.
Shape getBroadcastStrides(llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<int64_t> result);

/// NumPy's broadcast of shapes.
llvm::Expected<Shape> broadcastShapes(llvm::ArrayRef<Shape> shapes);

int64_t getNumElements(llvm::ArrayRef<int64_t> shape);

/// Calls `fn(i, positions)` for each element i of `shape` in row-major order;
/// `positions` are those that the strides lead to.
template <size_t N, typename Fn>
void forEach(llvm::ArrayRef<int64_t> shape, const std::array<Shape, N> &strides,
             Fn &&fn) {
  int64_t count = getNumElements(shape);
  Shape index(shape.size(), 0);
  std::array<int64_t, N> positions{};
  for (int64_t i = 0; i < count; ++i) {
    fn(i, positions);
    for (size_t axis = shape.size(); axis-- > 0;) {
      bool carries = ++index[axis] == shape[axis];
      for (size_t n = 0; n < N; ++n)
        positions[n] +=
            carries ? -strides[n][axis] * (shape[axis] - 1) : strides[n][axis];
      if (!carries)
        break;
      index[axis] = 0;
    }
  }
}

//===----------------------------------------------------------------------===//
// Movement, whatever the elements are
//===----------------------------------------------------------------------===//

/// The elements at offset + sum(index * stride), in elements, as a new tensor.
llvm::Expected<Tensor> gatherStrided(const Tensor &source, int64_t offset,
                                     llvm::ArrayRef<int64_t> strides,
                                     llvm::ArrayRef<int64_t> shape);

/// Writes `source` at offset + sum(index * stride) of `target`.
void scatterStrided(const Tensor &source, Tensor &target, int64_t offset,
                    llvm::ArrayRef<int64_t> strides);

/// Axis i of the result is axis permutation[i].
llvm::Expected<Tensor> transpose(const Tensor &source,
                                 llvm::ArrayRef<int64_t> permutation);

/// The slices along `axis` at `positions`; where one is negative, `fill`, the
/// bytes of an element.
llvm::Expected<Tensor> take(const Tensor &source, int64_t axis,
                            llvm::ArrayRef<int64_t> positions,
                            llvm::ArrayRef<char> fill = {});

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_ELEMENTS_H
