// Movement, gathers, reductions, windows, control flow, and errors.

#include "test/lib/Interpreter/Testing.h"

#include <cmath>

using namespace qcc;
using namespace qcc::interpreter;

namespace {

using OpsTest = InterpreterTest;

/// A function of one operand, `op` with its operand list and attributes.
std::string unary(const std::string &op, const std::string &from,
                  const std::string &to) {
  return "func.func @main(%x: " + from + ") -> " + to + " { %r = " + op +
         " : (" + from + ") -> " + to + " return %r : " + to + " }";
}

Doubles count(int n) {
  Doubles numbers(n);
  for (int i = 0; i < n; ++i)
    numbers[i] = i;
  return numbers;
}

TEST_F(OpsTest, Transpose) {
  EXPECT_EQ(values(unary("qnn.transpose %x {permutation = array<i64: 1, 0>}",
                         "tensor<2x3xi8>", "tensor<3x2xi8>"),
                   {tensor("tensor<2x3xi8>", count(6))}),
            Doubles({0, 3, 1, 4, 2, 5}));
}

TEST_F(OpsTest, SliceGoesBackward) {
  EXPECT_EQ(values(unary("qnn.slice %x [3, 0] [2, 2] [-2, 1]",
                         "tensor<4x2xf32>", "tensor<2x2xf32>"),
                   {tensor("tensor<4x2xf32>", count(8))}),
            Doubles({6, 7, 2, 3}));
}

TEST_F(OpsTest, SliceOutOfRangeIsAnError) {
  std::string ir =
      R"(func.func @main(%x: tensor<?xf32>, %o: index) -> tensor<2xf32> {
    %r = qnn.slice %x [%o] [2] [1] : (tensor<?xf32>) -> tensor<2xf32>
    return %r : tensor<2xf32> })";
  auto x = tensor("tensor<4xf32>", count(4));
  mlir::Type index = parseType("index");
  EXPECT_EQ(values(ir, {x, makeScalar(index, 2)}), Doubles({2, 3}));
  for (int64_t offset : {int64_t(3), int64_t(-1), INT64_MAX, INT64_MIN})
    EXPECT_NE(error(ir, {x, makeScalar(index, offset)})
                  .find("along axis 0, which has 4"),
              std::string::npos)
        << offset;
}

TEST_F(OpsTest, PadModes) {
  auto pad = [&](const std::string &mode) {
    return values(unary("qnn.pad " + mode + " %x low [3] high [2]",
                        "tensor<3xi32>", "tensor<8xi32>"),
                  {tensor("tensor<3xi32>", {1, 2, 3})});
  };
  EXPECT_EQ(pad("constant"), Doubles({0, 0, 0, 1, 2, 3, 0, 0}));
  EXPECT_EQ(pad("edge"), Doubles({1, 1, 1, 1, 2, 3, 3, 3}));
  EXPECT_EQ(pad("reflect"), Doubles({2, 3, 2, 1, 2, 3, 2, 1}));
  EXPECT_EQ(pad("wrap"), Doubles({1, 2, 3, 1, 2, 3, 1, 2}));
}

TEST_F(OpsTest, TileAndConcatAndIota) {
  EXPECT_EQ(
      values(unary("qnn.tile %x [2, 2]", "tensor<1x2xi64>", "tensor<2x4xi64>"),
             {tensor("tensor<1x2xi64>", {1, 2})}),
      Doubles({1, 2, 1, 2, 1, 2, 1, 2}));
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<2x1xf16>, %y: tensor<2x2xf16>) -> tensor<2x3xf16> {
    %r = qnn.concat %x, %y {axis = 1 : i64} : (tensor<2x1xf16>, tensor<2x2xf16>) -> tensor<2x3xf16>
    return %r : tensor<2x3xf16> })",
          {tensor("tensor<2x1xf16>", {1, 2}),
           tensor("tensor<2x2xf16>", {3, 4, 5, 6})}),
      Doubles({1, 3, 4, 2, 5, 6}));
  EXPECT_EQ(values(R"(func.func @main() -> tensor<2x3xi64> {
    %r = qnn.iota [2, 3] {axis = 1 : i64, element_type = i64} : tensor<2x3xi64>
    return %r : tensor<2x3xi64> })",
                   {}),
            Doubles({0, 1, 2, 0, 1, 2}));
}

std::string gather(const std::string &op) {
  return "func.func @main(%x: tensor<3x2xf32>, %i: tensor<2xi64>) -> "
         "tensor<2x2xf32> { %r = " +
         op +
         " : (tensor<3x2xf32>, tensor<2xi64>) -> tensor<2x2xf32> return %r : "
         "tensor<2x2xf32> }";
}

TEST_F(OpsTest, GatherCountsFromTheEnd) {
  EXPECT_EQ(values(gather("qnn.gather %x, %i {axis = 0 : i64}"),
                   {tensor("tensor<3x2xf32>", count(6)),
                    tensor("tensor<2xi64>", {-1, 0})}),
            Doubles({4, 5, 0, 1}));
}

TEST_F(OpsTest, GatherOutOfRangeIsAnError) {
  for (double index : {3.0, -4.0})
    EXPECT_NE(error(gather("qnn.gather %x, %i {axis = 0 : i64}"),
                    {tensor("tensor<3x2xf32>", count(6)),
                     tensor("tensor<2xi64>", {0, index})})
                  .find("is out of range for an axis of 3 element(s)"),
              std::string::npos);
}

TEST_F(OpsTest, GatherNDAndScatterND) {
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<2x2x2xf32>, %i: tensor<2x1xi64>) -> tensor<2x2xf32> {
    %r = qnn.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x2x2xf32>, tensor<2x1xi64>) -> tensor<2x2xf32>
    return %r : tensor<2x2xf32> })",
          {tensor("tensor<2x2x2xf32>", count(8)),
           tensor("tensor<2x1xi64>", {1, 0})}),
      Doubles({2, 3, 4, 5}));
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<4xi8>, %i: tensor<3x1xi64>, %u: tensor<3xi8>) -> tensor<4xi8> {
    %r = qnn.scatter_nd add %x, %i, %u : (tensor<4xi8>, tensor<3x1xi64>, tensor<3xi8>) -> tensor<4xi8>
    return %r : tensor<4xi8> })",
          {tensor("tensor<4xi8>", {1, 2, 3, 127}),
           tensor("tensor<3x1xi64>", {0, -1, 0}),
           tensor("tensor<3xi8>", {10, 1, 20})}),
      Doubles({31, 2, 3, -128}));
}

TEST_F(OpsTest, ScatterElementsKeepsTheOrderOfUpdates) {
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<2x3xf32>, %i: tensor<1x3xi64>, %u: tensor<1x3xf32>) -> tensor<2x3xf32> {
    %r = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<1x3xi64>, tensor<1x3xf32>) -> tensor<2x3xf32>
    return %r : tensor<2x3xf32> })",
          {tensor("tensor<2x3xf32>", count(6)),
           tensor("tensor<1x3xi64>", {1, 2, 1}),
           tensor("tensor<1x3xf32>", {10, 20, 30})}),
      Doubles({0, 30, 20, 3, 4, 5}));
}

TEST_F(OpsTest, ReductionsOverNothing) {
  auto reduce = [&](const std::string &kind, const std::string &element) {
    return values(unary("qnn.reduce " + kind + " %x {axes = array<i64: 1>}",
                        "tensor<1x0x" + element + ">",
                        "tensor<1x" + element + ">"),
                  {tensor("tensor<1x0x" + element + ">", Doubles())});
  };
  EXPECT_EQ(reduce("sum", "f32"), Doubles({0}));
  EXPECT_EQ(reduce("prod", "i32"), Doubles({1}));
  EXPECT_EQ(reduce("max", "f32"), Doubles({-INFINITY}));
  EXPECT_EQ(reduce("max", "i8"), Doubles({-128}));
  EXPECT_EQ(reduce("min", "ui8"), Doubles({255}));
  EXPECT_TRUE(std::isnan(reduce("mean", "f32").front()));
}

TEST_F(OpsTest, ReduceAnyAxes) {
  EXPECT_EQ(values(unary("qnn.reduce sum %x {axes = array<i64: 0, 2>, "
                         "keep_dims = true}",
                         "tensor<2x3x2xf32>", "tensor<1x3x1xf32>"),
                   {tensor("tensor<2x3x2xf32>", count(12))}),
            Doubles({14, 22, 30}));
  EXPECT_EQ(values(unary("qnn.reduce max %x {axes = array<i64: 0>}",
                         "tensor<3xi1>", "tensor<i1>"),
                   {tensor("tensor<3xi1>", {0, 1, 0})}),
            Doubles({1}));
}

TEST_F(OpsTest, ArgReduceTakesTheFirstOrLast) {
  auto x = tensor("tensor<4xf32>", {1, 3, 3, 2});
  EXPECT_EQ(values(unary("qnn.arg_reduce max %x {axis = 0 : i64}",
                         "tensor<4xf32>", "tensor<i64>"),
                   {x}),
            Doubles({1}));
  EXPECT_EQ(values(unary("qnn.arg_reduce max %x {axis = 0 : i64, select_last = "
                         "true}",
                         "tensor<4xf32>", "tensor<i64>"),
                   {x}),
            Doubles({2}));
}

TEST_F(OpsTest, ScanExclusiveAndReverse) {
  EXPECT_EQ(
      values(unary("qnn.cumulate sum %x {axis = 0 : i64, exclusive = true, "
                   "reverse = true}",
                   "tensor<3x2xi32>", "tensor<3x2xi32>"),
             {tensor("tensor<3x2xi32>", {1, 2, 3, 4, 5, 6})}),
      Doubles({8, 10, 5, 6, 0, 0}));
}

TEST_F(OpsTest, TopKIsStable) {
  std::vector<Tensor> results = run(
      R"(func.func @main(%x: tensor<5xf32>, %k: index) -> (tensor<?xf32>, tensor<?xi64>) {
    %v, %i = qnn.top_k %x [%k] {axis = 0 : i64, largest = true} : (tensor<5xf32>) -> (tensor<?xf32>, tensor<?xi64>)
    return %v, %i : tensor<?xf32>, tensor<?xi64> })",
      {tensor("tensor<5xf32>", {1, 4, 4, 0, 4}),
       makeScalar(parseType("index"), 4)});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(load<double>(results[0]), Doubles({4, 4, 4, 1}));
  EXPECT_EQ(load<double>(results[1]), Doubles({1, 2, 4, 0}));
}

TEST_F(OpsTest, NonZeroListsPositionsByAxis) {
  std::vector<Tensor> results = run(
      R"(func.func @main(%x: tensor<2x2xf32>) -> (tensor<2x4xi64>, index) {
    %p, %n = qnn.non_zero %x : (tensor<2x2xf32>) -> (tensor<2x4xi64>, index)
    return %p, %n : tensor<2x4xi64>, index })",
      {tensor("tensor<2x2xf32>", {1, 0, -2, 3})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(getInteger(results[1]), 3);
  std::vector<int64_t> positions = load<int64_t>(results[0]);
  EXPECT_EQ(std::vector<int64_t>(positions.begin(), positions.begin() + 3),
            std::vector<int64_t>({0, 1, 1}));
  EXPECT_EQ(std::vector<int64_t>(positions.begin() + 4, positions.begin() + 7),
            std::vector<int64_t>({0, 0, 1}));
}

std::string pool(const std::string &kind, const std::string &attributes,
                 const std::string &to) {
  return unary("qnn.pool " + kind +
                   " %x {window = array<i64: 2>, strides = array<i64: 2>, "
                   "dilations = array<i64: 1>, " +
                   attributes + "}",
               "tensor<1x1x5xf32>", to);
}

TEST_F(OpsTest, PoolCountsPaddingButNeverWhatIsBeyond) {
  auto x = tensor("tensor<1x1x5xf32>", {1, 2, 3, 4, 5});
  EXPECT_EQ(
      values(pool("max", "pads = array<i64: 1, 0>", "tensor<1x1x3xf32>"), {x}),
      Doubles({1, 3, 5}));
  EXPECT_EQ(
      values(pool("average", "pads = array<i64: 1, 0>", "tensor<1x1x3xf32>"),
             {x}),
      Doubles({1, 2.5, 4.5}));
  EXPECT_EQ(values(pool("average", "pads = array<i64: 1, 0>, count_padding",
                        "tensor<1x1x3xf32>"),
                   {x}),
            Doubles({0.5, 2.5, 4.5}));
  EXPECT_EQ(values(pool("average",
                        "pads = array<i64: 0, 0>, count_padding, ceil_mode",
                        "tensor<1x1x3xf32>"),
                   {x}),
            Doubles({1.5, 3.5, 5}));
}

TEST_F(OpsTest, ResizeNearestAndLinear) {
  auto resize = [&](const std::string &mode, const std::string &coordinates,
                    double scale, int size) {
    std::string to = "tensor<1x1x" + std::to_string(size) + "xf32>";
    return values("func.func @main(%x: tensor<1x1x3xf32>, %s: tensor<3xf32>) "
                  "-> " +
                      to + " { %r = qnn.resize " + mode + " %x, %s [1, 1, " +
                      std::to_string(size) + "] " + coordinates +
                      " : (tensor<1x1x3xf32>, tensor<3xf32>) -> " + to +
                      " return %r : " + to + " }",
                  {tensor("tensor<1x1x3xf32>", {1, 2, 4}),
                   tensor("tensor<3xf32>", {1, 1, scale})});
  };
  EXPECT_EQ(resize("nearest", "asymmetric floor", 2, 6),
            Doubles({1, 1, 2, 2, 4, 4}));
  EXPECT_EQ(resize("linear", "half_pixel round_prefer_floor", 2, 6),
            Doubles({1, 1.25, 1.75, 2.5, 3.5, 4}));
  EXPECT_EQ(resize("linear", "align_corners round_prefer_floor", 5.0 / 3, 5),
            Doubles({1, 1.5, 2, 3, 4}));
}

TEST_F(OpsTest, ResizeTakesCoordinatesInSinglePrecision) {
  // 6 / 1.2f is 5 in f32, and less in f64.
  std::string ir = R"(func.func @main(%x: tensor<10xf32>, %s: tensor<1xf32>)
      -> tensor<12xf32> {
    %r = qnn.resize nearest %x, %s [12] asymmetric floor
        : (tensor<10xf32>, tensor<1xf32>) -> tensor<12xf32>
    return %r : tensor<12xf32> })";
  EXPECT_EQ(values(ir, {tensor("tensor<10xf32>", count(10)),
                        tensor("tensor<1xf32>", {1.2f})}),
            Doubles({0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9}));
}

TEST_F(OpsTest, GridSampleLinear) {
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<1x1x2x2xf32>, %g: tensor<1x1x3x2xf32>) -> tensor<1x1x1x3xf32> {
    %r = qnn.grid_sample linear zeros %x, %g {align_corners} : (tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>) -> tensor<1x1x1x3xf32>
    return %r : tensor<1x1x1x3xf32> })",
          {tensor("tensor<1x1x2x2xf32>", {1, 2, 3, 4}),
           tensor("tensor<1x1x3x2xf32>", {0, 0, 1, -1, 2, 1})}),
      Doubles({2.5, 2, 2}));
}

TEST_F(OpsTest, IfRunsOneBranch) {
  std::string ir =
      R"(func.func @main(%c: i1, %x: tensor<1xi32>) -> tensor<1xi32> {
    %zero = arith.constant dense<0> : tensor<1xi32>
    %r = scf.if %c -> tensor<1xi32> {
      %q = qnn.binary div %x, %zero : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
      scf.yield %q : tensor<1xi32>
    } else {
      scf.yield %x : tensor<1xi32>
    }
    return %r : tensor<1xi32> })";
  auto x = tensor("tensor<1xi32>", {5});
  mlir::Type i1 = parseType("i1");
  EXPECT_EQ(values(ir, {makeScalar(i1, 0), x}), Doubles({5}));
  EXPECT_NE(error(ir, {makeScalar(i1, 1), x}).find("divided by zero"),
            std::string::npos);
}

TEST_F(OpsTest, LoopsCarryValues) {
  EXPECT_EQ(
      values(
          R"(func.func @main(%x: tensor<2xf32>, %n: index) -> (tensor<2xf32>, index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r, %s = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %c0) -> (tensor<2xf32>, index) {
      %d = qnn.binary add %a, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %e = arith.addi %b, %i : index
      scf.yield %d, %e : tensor<2xf32>, index
    }
    return %r, %s : tensor<2xf32>, index })",
          {tensor("tensor<2xf32>", {1, 2}), makeScalar(parseType("index"), 3)}),
      Doubles({4, 8}));
}

TEST_F(OpsTest, ExtentsAreArithmetic) {
  std::string ir = R"(func.func @main(%x: tensor<?x6xf32>) -> tensor<?x3xf32> {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %x, %c0 : tensor<?x6xf32>
    %m = affine.apply affine_map<()[s0] -> (s0 * 2)>()[%n]
    %limit = arith.constant 5 : index
    %fits = arith.cmpi slt, %m, %limit : index
    cf.assert %fits, "too many rows"
    %r = qnn.reshape %x [%m, 3] : (tensor<?x6xf32>) -> tensor<?x3xf32>
    return %r : tensor<?x3xf32> })";
  std::vector<Tensor> results = run(ir, {tensor("tensor<2x6xf32>", count(12))});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].getShape(), llvm::ArrayRef<int64_t>({4, 3}));
  EXPECT_NE(error(ir, {tensor("tensor<3x6xf32>", count(18))})
                .find("cf.assert: too many rows"),
            std::string::npos);
}

TEST_F(OpsTest, CallsRunFunctions) {
  EXPECT_EQ(values(R"(
    func.func private @twice(%x: tensor<1xf32>) -> tensor<1xf32> {
      %r = qnn.binary add %x, %x : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
      return %r : tensor<1xf32>
    }
    func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
      %a = call @twice(%x) : (tensor<1xf32>) -> tensor<1xf32>
      %b = call @twice(%a) : (tensor<1xf32>) -> tensor<1xf32>
      return %b : tensor<1xf32>
    })",
                   {tensor("tensor<1xf32>", {3})}),
            Doubles({12}));
}

TEST_F(OpsTest, EndlessRecursionIsAnError) {
  EXPECT_NE(error(R"(
    func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
      %a = call @main(%x) : (tensor<1xf32>) -> tensor<1xf32>
      return %a : tensor<1xf32>
    })",
                  {tensor("tensor<1xf32>", {3})})
                .find("more than 64 calls are nested"),
            std::string::npos);
}

TEST_F(OpsTest, InputsMustFitTheArguments) {
  std::string ir =
      unary("qnn.unary neg %x", "tensor<?x2xf32>", "tensor<?x2xf32>");
  EXPECT_NE(error(ir, {tensor("tensor<2x3xf32>", count(6))})
                .find("came where the model has tensor<?x2xf32>"),
            std::string::npos)
      << error(ir, {tensor("tensor<2x3xf32>", count(6))});
  EXPECT_NE(error(ir, {}).find("@main takes more inputs"), std::string::npos);
}

TEST_F(OpsTest, HugeShapesAreErrors) {
  std::string ir =
      R"(func.func @main(%x: tensor<1xf32>, %n: index) -> tensor<?x?xf32> {
    %r = qnn.expand %x [%n, %n] : (tensor<1xf32>) -> tensor<?x?xf32>
    return %r : tensor<?x?xf32> })";
  auto x = tensor("tensor<1xf32>", {1});
  for (int64_t n : {int64_t(1) << 31, INT64_MAX, int64_t(-1)})
    EXPECT_NE(error(ir, {x, makeScalar(parseType("index"), n)}).find("tensor"),
              std::string::npos);
}

TEST_F(OpsTest, ObserverSeesEveryOpAndValuesAreReleased) {
  struct Counter : Observer {
    void observe(mlir::Operation *op,
                 llvm::ArrayRef<RuntimeValue> results) override {
      names.push_back(op->getName().getStringRef().str());
      if (first.expired() && names.size() == 1)
        first = std::get<Tensor>(results[0]).getOwner();
      else if (names.size() == 3)
        isReleased = first.expired();
    }
    std::vector<std::string> names;
    std::weak_ptr<const void> first;
    bool isReleased = false;
  } counter;
  auto results = tryRun(R"(func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
    %a = qnn.unary neg %x : (tensor<1xf32>) -> tensor<1xf32>
    %b = qnn.unary exp %a : (tensor<1xf32>) -> tensor<1xf32>
    %c = qnn.unary neg %b : (tensor<1xf32>) -> tensor<1xf32>
    return %c : tensor<1xf32> })",
                        {tensor("tensor<1xf32>", {1})}, &counter);
  ASSERT_TRUE(bool(results));
  EXPECT_EQ(counter.names,
            std::vector<std::string>({"qnn.unary", "qnn.unary", "qnn.unary"}));
  EXPECT_TRUE(counter.isReleased);
}

} // namespace
