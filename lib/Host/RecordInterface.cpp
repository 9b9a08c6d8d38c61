// The model's inputs and outputs as attributes. See Passes.td.

#include "lib/Host/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_RECORDINTERFACE
#include "lib/Host/Passes.h.inc"

namespace {

struct RecordInterface : impl::RecordInterfaceBase<RecordInterface> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main) {
      getOperation().emitError("has no function @main, which is the model");
      return signalPassFailure();
    }
    SmallVector<Attribute> inputs, outputs;
    for (unsigned i = 0; i < main.getNumArguments(); ++i)
      inputs.push_back(describe(main.getArgAttrDict(i),
                                main.getArgumentTypes()[i], "input", i));
    for (unsigned i = 0; i < main.getNumResults(); ++i)
      outputs.push_back(describe(main.getResultAttrDict(i),
                                 main.getResultTypes()[i], "output", i));
    Builder builder(&getContext());
    getOperation()->setAttr("qcc.inputs", builder.getArrayAttr(inputs));
    getOperation()->setAttr("qcc.outputs", builder.getArrayAttr(outputs));
  }

private:
  DictionaryAttr describe(DictionaryAttr attributes, Type type, StringRef kind,
                          unsigned number) {
    Builder builder(&getContext());
    SmallVector<NamedAttribute> fields;
    fields.push_back(builder.getNamedAttr("type", TypeAttr::get(type)));
    Attribute name = attributes ? attributes.get("qcc.name") : Attribute();
    if (!name)
      name = builder.getStringAttr(kind + Twine(number));
    fields.push_back(builder.getNamedAttr("name", name));
    for (StringRef field : {"extents", "format", "component"})
      if (Attribute value =
              attributes ? attributes.get(("qcc." + field).str()) : Attribute())
        fields.push_back(builder.getNamedAttr(field, value));
    return builder.getDictionaryAttr(fields);
  }
};

} // namespace
} // namespace qcc::host
