// Activation functions that are made of simpler ones. f16 and bf16 are computed
// in f32 and rounded once at the end.

#include "lib/Import/ONNX/Node.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::CompareKind;
using qnn::UnaryKind;

using Function = Value (*)(Node &, Emit &, Value x);

/// Applies a function to input 0.
template <Function function> static LogicalResult importFunction(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  Type element = n.e.element(x);
  return n.result(n.e.cast(function(n, n.e, n.e.widen(x)), element));
}

static Value isNegative(Emit &e, Value x) {
  return e.compare(CompareKind::lt, x, e.scalarLike(0, x));
}

static Value clamp(Emit &e, Value x, double low, double high) {
  return e.min(e.max(x, e.scalarLike(low, x)), e.scalarLike(high, x));
}

/// log(1 + exp(x)), also where exp(x) overflows.
static Value softplus(Emit &e, Value x) {
  Value tail = e.unary(UnaryKind::exp,
                       e.unary(UnaryKind::neg, e.unary(UnaryKind::abs, x)));
  return e.add(e.unary(UnaryKind::relu, x), e.unary(UnaryKind::log1p, tail));
}

static Value leakyRelu(Node &n, Emit &e, Value x) {
  return e.select(isNegative(e, x), e.mul(x, n.getFloat("alpha", 0.01)), x);
}

static Value elu(Node &n, Emit &e, Value x) {
  Value below =
      e.mul(e.sub(e.unary(UnaryKind::exp, x), 1.0), n.getFloat("alpha", 1.0));
  return e.select(isNegative(e, x), below, x);
}

static Value selu(Node &n, Emit &e, Value x) {
  double alpha = n.getFloat("alpha", 1.67326319217681884765625);
  double gamma = n.getFloat("gamma", 1.05070102214813232421875);
  Value below = e.sub(e.mul(e.unary(UnaryKind::exp, x), alpha), alpha);
  return e.mul(e.select(isNegative(e, x), below, x), gamma);
}

static Value celu(Node &n, Emit &e, Value x) {
  double alpha = n.getFloat("alpha", 1.0);
  Value below =
      e.mul(e.sub(e.unary(UnaryKind::exp, e.div(x, alpha)), 1.0), alpha);
  return e.select(isNegative(e, x), below, x);
}

static Value hardSigmoid(Node &n, Emit &e, Value x) {
  return clamp(
      e, e.add(e.mul(x, n.getFloat("alpha", 0.2)), n.getFloat("beta", 0.5)), 0,
      1);
}

static Value hardSwish(Node &n, Emit &e, Value x) {
  return e.mul(x, clamp(e, e.add(e.mul(x, 1.0 / 6), 0.5), 0, 1));
}

static Value softplusFunction(Node &, Emit &e, Value x) {
  return softplus(e, x);
}

static Value softsign(Node &, Emit &e, Value x) {
  return e.div(x, e.add(e.unary(UnaryKind::abs, x), 1.0));
}

static Value mish(Node &, Emit &e, Value x) {
  return e.mul(x, e.unary(UnaryKind::tanh, softplus(e, x)));
}

static Value swish(Node &n, Emit &e, Value x) {
  double alpha = n.getFloat("alpha", 1.0);
  Value scaled = alpha == 1.0 ? x : e.mul(x, alpha);
  return e.mul(x, e.unary(UnaryKind::sigmoid, scaled));
}

static Value thresholdedRelu(Node &n, Emit &e, Value x) {
  Value alpha = e.scalarLike(n.getFloat("alpha", 1.0), x);
  return e.select(e.compare(CompareKind::gt, x, alpha), x, e.scalarLike(0, x));
}

static Value shrink(Node &n, Emit &e, Value x) {
  double bias = n.getFloat("bias", 0), lambda = n.getFloat("lambd", 0.5);
  Value below = e.compare(CompareKind::lt, x, e.scalarLike(-lambda, x));
  Value above = e.compare(CompareKind::gt, x, e.scalarLike(lambda, x));
  return e.select(below, e.add(x, bias),
                  e.select(above, e.sub(x, bias), e.scalarLike(0, x)));
}

/// x * (1 + erf(x / sqrt 2)) / 2.
static Value geluByErf(Emit &e, Value x) {
  Value erf = e.unary(UnaryKind::erf, e.mul(x, std::sqrt(0.5)));
  return e.mul(e.mul(x, 0.5), e.add(erf, 1.0));
}

static Value geluByTanh(Emit &e, Value x) {
  Value cube = e.mul(e.mul(x, x), x);
  Value inner = e.mul(e.add(x, e.mul(cube, 0.044715)), std::sqrt(2 / M_PI));
  return e.mul(e.mul(x, 0.5), e.add(e.unary(UnaryKind::tanh, inner), 1.0));
}

static Value gelu(Node &n, Emit &e, Value x) {
  StringRef approximate = n.getString("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return e.fail("approximate is '" + approximate +
                  "', which is neither none nor tanh");
  return approximate == "tanh" ? geluByTanh(e, x) : geluByErf(e, x);
}

static Value biasGelu(Node &n, Emit &e, Value x) {
  return geluByErf(e, e.add(x, e.widen(n.in(1))));
}

static Value fastGelu(Node &n, Emit &e, Value x) {
  return geluByTanh(e, n.has(1) ? e.add(x, e.widen(n.in(1))) : x);
}

static Value quickGelu(Node &n, Emit &e, Value x) {
  Value gate = e.mul(x, n.getFloat("alpha", 1.702));
  return e.mul(x, e.unary(UnaryKind::sigmoid, gate));
}

static LogicalResult importPRelu(Node &n) {
  Value x = n.in(0), slope = x ? n.in(1) : Value();
  if (!slope)
    return failure();
  return n.result(n.e.select(isNegative(n.e, x), n.e.mul(x, slope), x));
}

void qcc::importer::addActivations(OperatorTable &t) {
  t.add("LeakyRelu", importFunction<leakyRelu>);
  t.add("Elu", importFunction<elu>);
  t.add("Selu", importFunction<selu>);
  t.add("Celu", importFunction<celu>, 12);
  t.add("HardSigmoid", importFunction<hardSigmoid>);
  t.add("HardSwish", importFunction<hardSwish>, 14);
  t.add("Softplus", importFunction<softplusFunction>);
  t.add("Softsign", importFunction<softsign>);
  t.add("Mish", importFunction<mish>, 18);
  t.add("Swish", importFunction<swish>, 24);
  t.add("ThresholdedRelu", importFunction<thresholdedRelu>, 10);
  t.add("Shrink", importFunction<shrink>, 9);
  t.add("Gelu", importFunction<gelu>, 20);
  t.add("PRelu", importPRelu);
  t.addMicrosoft("Gelu", importFunction<gelu>);
  t.addMicrosoft("BiasGelu", importFunction<biasGelu>);
  t.addMicrosoft("FastGelu", importFunction<fastGelu>);
  t.addMicrosoft("QuickGelu", importFunction<quickGelu>);
}
