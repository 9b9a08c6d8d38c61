// qnn.pool.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Image.h"
#include "lib/Interpreter/Scalars.h"

#include <limits>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

/// One window of a channel that begins at `channel`.
template <typename C>
static C poolWindow(PoolOp op, const C *channel, ArrayRef<int64_t> offsets) {
  if (op.getKind() == PoolKind::max) {
    C result = std::numeric_limits<C>::has_infinity
                   ? -std::numeric_limits<C>::infinity()
                   : std::numeric_limits<C>::lowest();
    for (int64_t offset : offsets)
      if (offset >= 0)
        result = maximum(result, channel[offset]);
    return result;
  }
  double sum = 0;
  int64_t count = 0;
  for (int64_t offset : offsets) {
    if (offset >= 0)
      sum += static_cast<double>(channel[offset]);
    count += offset >= 0 || (op.getCountPadding() && offset == inPadding);
  }
  if (count == 0 && std::is_integral_v<C>)
    return 0;
  return static_cast<C>(sum / static_cast<double>(count));
}

static Error evaluatePool(PoolOp op, Frame &frame) {
  const Tensor &tensor = frame.getTensor(op.getInput());
  Type type = tensor.getElementType();
  Image input(tensor.getShape(), op.getChannelsLast());
  auto axes = getWindowAxes(op.getWindow(), op.getStrides(), op.getPads(),
                            op.getDilations(), op.getCeilMode());
  Expected<Shape> shape = getWindowedShape(
      tensor.getShape(), axes, input.channels, op.getChannelsLast());
  if (!shape)
    return shape.takeError();
  Expected<Tensor> result = Tensor::allocate(type, *shape);
  if (!result)
    return result.takeError();
  Image output(*shape, op.getChannelsLast());
  int64_t positionStride = op.getChannelsLast() ? output.channels : 1;
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> from = load<C>(tensor), values(result->getNumElements());
    int64_t positions = getNumElements(output.spatial);
    for (int64_t position = 0; position < positions; ++position) {
      Shape offsets =
          getWindowOffsets(input, axes, delinearize(position, output.spatial));
      for (int64_t n = 0; n < tensor.getDim(0); ++n)
        for (int64_t c = 0; c < input.channels; ++c)
          values[n * output.batchStride + c * output.channelStride +
                 position * positionStride] =
              poolWindow<C>(op,
                            from.data() + n * input.batchStride +
                                c * input.channelStride,
                            offsets);
    }
    store<C>(values, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addPools(Evaluators &evaluators) { evaluators.add<PoolOp>(evaluatePool); }

} // namespace qcc::interpreter
