// Products of matrices.

#include "lib/Import/ONNX/Node.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

static LogicalResult importMatMul(Node &n) {
  Value x = n.in(0), y = x ? n.in(1) : Value();
  return n.result(n.e.matmul(x, y));
}

/// alpha * A * B + beta * C.
static LogicalResult importGemm(Node &n) {
  Emit &e = n.e;
  Value a = n.in(0), b = a ? n.in(1) : Value();
  if (!b)
    return failure();
  if (e.rank(a) != 2 || e.rank(b) != 2)
    return n.error() << "multiplies matrices, got " << e.type(a) << " and "
                     << e.type(b);
  if (n.getInt("transA", 0))
    a = e.transpose(a, {1, 0});
  double alpha = n.getFloat("alpha", 1.0), beta = n.getFloat("beta", 1.0);
  Type element = e.element(a);
  Value result = e.matmul(a, b, n.getInt("transB", 0) != 0);
  Value c = n.has(2) && beta != 0.0 ? n.in(2) : Value();
  bool isFraction =
      alpha != std::floor(alpha) || (c && beta != std::floor(beta));
  // A fraction times integers, which are cut off at the end as ONNX's reference
  // does.
  if (isa<IntegerType>(element) && isFraction) {
    result = e.cast(result, e.b.getF64Type());
    c = e.cast(c, e.b.getF64Type());
  }
  if (alpha != 1.0)
    result = e.mul(result, alpha);
  if (c)
    result = e.add(result, beta == 1.0 ? c : e.mul(c, beta));
  return n.result(e.cast(result, element));
}

/// com.microsoft: MatMul with operands transposed and a factor.
static LogicalResult importFusedMatMul(Node &n) {
  Emit &e = n.e;
  Value a = n.in(0), b = a ? n.in(1) : Value();
  if (!b)
    return failure();
  if (n.getInt("transBatchA", 0) || n.getInt("transBatchB", 0))
    return n.unsupported("it transposes batches");
  auto swapInner = [&](Value v) {
    SmallVector<int64_t> order;
    for (int64_t axis : llvm::seq(e.rank(v)))
      order.push_back(axis);
    if (order.size() >= 2)
      std::swap(order.end()[-1], order.end()[-2]);
    return e.transpose(v, order);
  };
  if (n.getInt("transA", 0))
    a = swapInner(a);
  bool transposeB = n.getInt("transB", 0) != 0 && e.rank(b) >= 2;
  Value result = e.matmul(a, b, transposeB);
  double alpha = n.getFloat("alpha", 1.0);
  return n.result(alpha == 1.0 ? result : e.mul(result, alpha));
}

void qcc::importer::addContractions(OperatorTable &t) {
  t.add("MatMul", importMatMul);
  t.add("Gemm", importGemm);
  t.addMicrosoft("FusedMatMul", importFusedMatMul);
  addEinsum(t);
}
