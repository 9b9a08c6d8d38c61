#ifndef DIALECTS_QNN_IR_WORKINTERFACE_TD
#define DIALECTS_QNN_IR_WORKINTERFACE_TD

include "mlir/IR/OpBase.td"

def QNN_WorkOpInterface : OpInterface<"WorkOpInterface"> {
  let cppNamespace = "::qcc::qnn";
  let description = [{
    A computation, as whoever counts, costs or places it sees it: the points of an
    iteration space, and which elements of operands and results each of them touches.
    Formats and sizes follow from the types. lib/Analysis/Work.h makes the value of
    it that targets are asked about.
  }];
  let methods = [
    InterfaceMethod<"Loops, and the maps of operands and results.",
      "::qcc::qnn::IterationSpace", "getIterationSpace">,
    InterfaceMethod<[{
      Whether each point multiplies an element of the first operand by one of the
      second, and adds the product to a sum.
      }], "bool", "isSumOfProducts", (ins), "", "return false;">,
  ];
}

#endif // DIALECTS_QNN_IR_WORKINTERFACE_TD
