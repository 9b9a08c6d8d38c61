#ifndef DIALECTS_QNN_IR_OPBASE_TD
#define DIALECTS_QNN_IR_OPBASE_TD

include "dialects/QNN/IR/Enums.td"
include "dialects/QNN/IR/FormattedType.td"
include "dialects/QNN/IR/WorkInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Real numbers; signless integers are signed or of i1 logical; ui8 to ui64.
defvar QNN_Plain = RankedTensorOf<[AnyFloat, AnySignlessInteger,
                                   AnyUnsignedInteger]>;
defvar QNN_PlainFloat = RankedTensorOf<[AnyFloat]>;
defvar QNN_PlainInteger = RankedTensorOf<[AnySignlessInteger,
                                          AnyUnsignedInteger]>;
defvar QNN_PlainBool = RankedTensorOf<[I1]>;
defvar QNN_PlainIndices = RankedTensorOf<[I32, I64]>;
defvar QNN_Component = RankedTensorOf<[AnyFloat, AnySignlessInteger]>;

def QNN_AnyFormat : AnyTypeOf<[QNN_Plain, QNN_FormattedType],
                              "a plain or a formatted tensor">;

// Not Pure, which is speculatable, too: an index out of range or a division by zero
// is an error of the run, which must not happen where the model does not get to.
class QNN_Op<string mnemonic, list<Trait> traits = []>
    : Op<QNN_Dialect, mnemonic, !listconcat([NoMemoryEffect], traits)> {
  let assemblyFormat =
      "operands attr-dict `:` functional-type(operands, results)";
}

// All ops but those that only relabel a value: wrap, unwrap, dim.
def Work : DeclareOpInterfaceMethods<QNN_WorkOpInterface>;
def SumOfProducts
    : DeclareOpInterfaceMethods<QNN_WorkOpInterface, ["isSumOfProducts"]>;

def ReifyShape : DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                           ["reifyResultShapes"]>;

// The result's type follows from operands and attributes, its extents too.
class QNN_ShapedOp<string mnemonic, list<Trait> traits = []>
    : QNN_Op<mnemonic, !listconcat([InferTypeOpAdaptor, ReifyShape], traits)>;

#endif // DIALECTS_QNN_IR_OPBASE_TD
