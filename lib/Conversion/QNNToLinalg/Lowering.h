// One function for each op: emits what computes its results, in their storage
// types, from operands in theirs. Grouped in files by category.

#ifndef LIB_CONVERSION_QNNTOLINALG_LOWERING_H
#define LIB_CONVERSION_QNNTOLINALG_LOWERING_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Conversion/QNNToLinalg/Emitter.h"

namespace qcc::conversion {

// Elementwise.cpp
Values lower(qnn::UnaryOp op, Emitter &emit);
Values lower(qnn::TestOp op, Emitter &emit);
Values lower(qnn::BinaryOp op, Emitter &emit);
Values lower(qnn::CompareOp op, Emitter &emit);
Values lower(qnn::SelectOp op, Emitter &emit);
Values lower(qnn::CastOp op, Emitter &emit);
Values lower(qnn::BitcastOp op, Emitter &emit);

// Movement.cpp
Values lower(qnn::ReshapeOp op, Emitter &emit);
Values lower(qnn::ExpandOp op, Emitter &emit);
Values lower(qnn::TransposeOp op, Emitter &emit);
Values lower(qnn::ConcatOp op, Emitter &emit);
Values lower(qnn::SliceOp op, Emitter &emit);
Values lower(qnn::PadOp op, Emitter &emit);
Values lower(qnn::TileOp op, Emitter &emit);
Values lower(qnn::IotaOp op, Emitter &emit);

// Gather.cpp
Values lower(qnn::GatherOp op, Emitter &emit);
Values lower(qnn::GatherElementsOp op, Emitter &emit);
Values lower(qnn::GatherNDOp op, Emitter &emit);
Values lower(qnn::ScatterElementsOp op, Emitter &emit);
Values lower(qnn::ScatterNDOp op, Emitter &emit);

// Reduction.cpp
Values lower(qnn::ReduceOp op, Emitter &emit);
Values lower(qnn::ArgReduceOp op, Emitter &emit);
Values lower(qnn::CumulateOp op, Emitter &emit);

// Selection.cpp
Values lower(qnn::TopKOp op, Emitter &emit);
Values lower(qnn::NonZeroOp op, Emitter &emit);

// Window.cpp, Resize.cpp, GridSample.cpp
Values lower(qnn::PoolOp op, Emitter &emit);
Values lower(qnn::ResizeOp op, Emitter &emit);
Values lower(qnn::GridSampleOp op, Emitter &emit);

// Contraction.cpp
Values lower(qnn::MatmulOp op, Emitter &emit);
Values lower(qnn::ConvOp op, Emitter &emit);

// Codec.cpp
Values lower(qnn::EncodeStoredOp op, Emitter &emit);
Values lower(qnn::DecodeStoredOp op, Emitter &emit);

} // namespace qcc::conversion

#endif // LIB_CONVERSION_QNNTOLINALG_LOWERING_H
