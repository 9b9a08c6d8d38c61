#include "lib/Interpreter/Image.h"

using namespace mlir;
using namespace qcc::qnn;
using llvm::Expected;

namespace qcc::interpreter {

Image::Image(ArrayRef<int64_t> shape, bool channelsLast) {
  int64_t rank = shape.size();
  Shape own = getStrides(shape);
  int64_t channelAxis = channelsLast ? rank - 1 : 1;
  batchStride = own[0];
  channels = shape[channelAxis];
  channelStride = own[channelAxis];
  for (int64_t i = 0, first = channelsLast ? 1 : 2; i < rank - 2; ++i) {
    spatial.push_back(shape[first + i]);
    strides.push_back(own[first + i]);
  }
}

Shape delinearize(int64_t i, ArrayRef<int64_t> box) {
  Shape index(box.size());
  for (size_t axis = box.size(); axis-- > 0; i /= box[axis])
    index[axis] = i % box[axis];
  return index;
}

Shape getWindowOffsets(const Image &input, ArrayRef<WindowAxis> axes,
                       ArrayRef<int64_t> output) {
  Shape window;
  for (const WindowAxis &axis : axes)
    window.push_back(axis.window);
  Shape offsets, inWindow(axes.size(), 0);
  for (int64_t i = 0, e = getNumElements(window); i < e; ++i) {
    int64_t offset = 0;
    bool isInside = true, isBeyond = false;
    for (size_t a = 0; a < axes.size(); ++a) {
      int64_t at = output[a] * axes[a].stride - axes[a].padBefore +
                   inWindow[a] * axes[a].dilation;
      isInside &= at >= 0 && at < input.spatial[a];
      isBeyond |= at >= input.spatial[a] + axes[a].padAfter;
      offset += at * input.strides[a];
    }
    offsets.push_back(isInside ? offset : isBeyond ? beyondPadding : inPadding);
    for (size_t a = axes.size(); a-- > 0;) {
      if (++inWindow[a] < window[a])
        break;
      inWindow[a] = 0;
    }
  }
  return offsets;
}

Expected<Shape> getWindowedShape(ArrayRef<int64_t> input,
                                 ArrayRef<WindowAxis> axes, int64_t channels,
                                 bool channelsLast) {
  Shape shape(input);
  shape[channelsLast ? shape.size() - 1 : 1] = channels;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t &extent = shape[(channelsLast ? 1 : 2) + i];
    int64_t count = axis.getCount(extent);
    if (count < 1)
      return llvm::createStringError(
          "a window that reaches over " + std::to_string(axis.getReach()) +
          " elements does not fit into " + std::to_string(extent) +
          " with pads of " + std::to_string(axis.padBefore) + " and " +
          std::to_string(axis.padAfter));
    extent = count;
  }
  return shape;
}

} // namespace qcc::interpreter
