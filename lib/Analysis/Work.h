// Work counted: the one place that turns an op into what decisions, costs,
// reports and benchmarks read (include/qcc/Target/Work.h).

#ifndef LIB_ANALYSIS_WORK_H
#define LIB_ANALYSIS_WORK_H

#include "dialects/QNN/IR/Ops.h"
#include "qcc/Target/Work.h"

namespace qcc::analysis {

/// The work of `op`, in the formats that its types have.
Work getWork(qnn::WorkOpInterface op);

/// Counts open extents as `extent` instead of 1: as if the run had told them.
void closeExtents(Work &work, int64_t extent);

/// Has an operand stored in another format, null: plain.
void setFormat(Work &work, unsigned operand, qnn::FormatAttr format);

/// Exchanges the last two axes of an operand: of weights that are stored in
/// another order than the op has them.
void transpose(Work &work, unsigned operand);

/// A constant, also one that is stored in a format or another order than it is
/// read in.
bool isConstant(mlir::Value value);

/// What is stored of a constant operand: the formatted value that it is decoded
/// from, perhaps to be reshaped, or the value itself.
mlir::Value getStored(mlir::Value constant);

/// Bytes of a value of this type, open extents counted as 1; 0 for what is no
/// tensor.
double countBytes(mlir::Type type);

/// A count as an integer; the largest where it is more.
int64_t toInteger(double count);

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_WORK_H
