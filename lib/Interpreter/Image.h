// Windows over images: what convolutions and pools share.

#ifndef LIB_INTERPRETER_IMAGE_H
#define LIB_INTERPRETER_IMAGE_H

#include "dialects/QNN/IR/OpHelpers.h"
#include "lib/Interpreter/Elements.h"

namespace qcc::interpreter {

/// Where the parts of a tensor [N, C, spatial...] or [N, spatial..., C] lie.
struct Image {
  Image(llvm::ArrayRef<int64_t> shape, bool channelsLast);

  int64_t batchStride, channels, channelStride;
  Shape spatial, strides;
};

/// Coordinates of element `i` of a box.
Shape delinearize(int64_t i, llvm::ArrayRef<int64_t> box);

/// A window's element that lies in the padding, or beyond it: the last window
/// of a pool may reach so far.
constexpr int64_t inPadding = -1, beyondPadding = -2;

/// For a window at a position of the output: the offset of each of its elements
/// in a channel of the input, in row-major order, or one of the two above.
Shape getWindowOffsets(const Image &input, llvm::ArrayRef<qnn::WindowAxis> axes,
                       llvm::ArrayRef<int64_t> output);

/// The shape of the windows' results: `input` with `channels` channels.
llvm::Expected<Shape> getWindowedShape(llvm::ArrayRef<int64_t> input,
                                       llvm::ArrayRef<qnn::WindowAxis> axes,
                                       int64_t channels, bool channelsLast);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_IMAGE_H
