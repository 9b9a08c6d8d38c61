#include "lib/Host/Descriptor.h"
#include "qcc/Runtime/Generated.h"
#include "qcc/Runtime/TypeNames.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace qcc::host {

std::string makeModelName(StringRef stem) {
  std::string name;
  for (char c : stem)
    name += isAlnum(c) ? c : '_';
  if (name.empty() || isDigit(name.front()))
    name.insert(name.begin(), '_');
  return name;
}

std::optional<DLDataType> getDLDataType(mlir::Type type) {
  auto make = [](unsigned code, unsigned bits) {
    return DLDataType{static_cast<uint8_t>(code), static_cast<uint8_t>(bits),
                      1};
  };
  using Result = std::optional<DLDataType>;
  return TypeSwitch<mlir::Type, Result>(type)
      .Case([&](mlir::IntegerType integer) -> Result {
        unsigned bits = integer.getWidth();
        if (bits == 1)
          return make(kDLBool, 8);
        // Narrow ones take a byte each.
        if (bits > 64 || (bits % 8 != 0 && bits != 4 && bits != 2))
          return std::nullopt;
        return make(integer.isUnsigned() ? kDLUInt : kDLInt, bits);
      })
      .Case<mlir::Float16Type, mlir::Float32Type, mlir::Float64Type>(
          [&](mlir::FloatType number) {
            return make(kDLFloat, number.getWidth());
          })
      .Case([&](mlir::BFloat16Type) { return make(kDLBfloat, 16); })
      .Case([&](mlir::Float8E4M3FNType) { return make(kDLFloat8_e4m3fn, 8); })
      .Case(
          [&](mlir::Float8E4M3FNUZType) { return make(kDLFloat8_e4m3fnuz, 8); })
      .Case([&](mlir::Float8E5M2Type) { return make(kDLFloat8_e5m2, 8); })
      .Case(
          [&](mlir::Float8E5M2FNUZType) { return make(kDLFloat8_e5m2fnuz, 8); })
      .Case([&](mlir::Float8E8M0FNUType) { return make(kDLFloat8_e8m0fnu, 8); })
      .Case([&](mlir::Float6E2M3FNType) { return make(kDLFloat6_e2m3fn, 6); })
      .Case([&](mlir::Float6E3M2FNType) { return make(kDLFloat6_e3m2fn, 6); })
      .Case([&](mlir::Float4E2M1FNType) { return make(kDLFloat4_e2m1fn, 4); })
      .Default([](mlir::Type) { return std::nullopt; });
}

std::string getTypeName(DLDataType type) {
  const char *name = qccrt_get_code_name(type.code);
  if (!name)
    return "dlpack" + utostr(type.code) + "_" + utostr(type.bits);
  return type.code < kDLBool ? name + utostr(type.bits) : name;
}

std::vector<std::string> getExportedSymbols(const ModelInterface &interface) {
  std::vector<std::string> names;
  for (StringRef function : {"open", "run", "close", "describe", "free_error"})
    names.push_back(interface.name + "_" + function.str());
  if (!interface.layers.empty())
    names.push_back(interface.name + "_layers");
  names.push_back("qcc_model");
  return names;
}

namespace {

uint64_t getRequiredCpu(const TargetMachine &machine) {
  if (machine.getTargetTriple().getArch() != Triple::x86_64)
    return 0;
  static constexpr std::pair<qccrt_cpu_feature, const char *> features[] = {
      {QCCRT_CPU_SSE42, "+sse4.2"},
      {QCCRT_CPU_AVX, "+avx"},
      {QCCRT_CPU_AVX2, "+avx2"},
      {QCCRT_CPU_FMA, "+fma"},
      {QCCRT_CPU_F16C, "+f16c"},
      {QCCRT_CPU_BMI2, "+bmi2"},
      {QCCRT_CPU_AVX512F, "+avx512f"},
      {QCCRT_CPU_AVX512BW, "+avx512bw"},
      {QCCRT_CPU_AVX512DQ, "+avx512dq"},
      {QCCRT_CPU_AVX512VL, "+avx512vl"},
      {QCCRT_CPU_AVX512VNNI, "+avx512vnni"},
      {QCCRT_CPU_AVX512VBMI, "+avx512vbmi"},
      {QCCRT_CPU_AVX512BF16, "+avx512bf16"},
      {QCCRT_CPU_AVX512FP16, "+avx512fp16"},
      {QCCRT_CPU_AVXVNNI, "+avxvnni"},
      {QCCRT_CPU_GFNI, "+gfni"},
      {QCCRT_CPU_BMI, "+bmi"},
      {QCCRT_CPU_LZCNT, "+lzcnt"},
      {QCCRT_CPU_SSE4A, "+sse4a"},
      {QCCRT_CPU_XOP, "+xop"},
      {QCCRT_CPU_FMA4, "+fma4"},
      {QCCRT_CPU_TBM, "+tbm"},
      {QCCRT_CPU_AVX512CD, "+avx512cd"},
      {QCCRT_CPU_AVX512IFMA, "+avx512ifma"},
      {QCCRT_CPU_AVX512VBMI2, "+avx512vbmi2"},
      {QCCRT_CPU_AVX512BITALG, "+avx512bitalg"},
      {QCCRT_CPU_AVX512VPOPCNTDQ, "+avx512vpopcntdq"},
      {QCCRT_CPU_AVXVNNIINT8, "+avxvnniint8"},
      {QCCRT_CPU_VPCLMULQDQ, "+vpclmulqdq"}};
  uint64_t required = 0;
  for (auto [feature, name] : features)
    if (machine.getMCSubtargetInfo()->checkFeatures(name))
      required |= feature;
  return required;
}

// Builds the constants of Model.h and Generated.h. The order of fields is
// theirs; LLVM's struct layout is C's.
class DescriptorBuilder {
public:
  DescriptorBuilder(Module &module, const ModelInterface &interface)
      : module(module), interface(interface), context(module.getContext()),
        pointer(PointerType::getUnqual(context)),
        int32(Type::getInt32Ty(context)), int64(Type::getInt64Ty(context)) {}

  void build(const TargetMachine &machine);

private:
  Constant *makeInt32(uint64_t value) { return ConstantInt::get(int32, value); }
  Constant *makeInt64(uint64_t value) { return ConstantInt::get(int64, value); }
  Constant *makeNull() { return ConstantPointerNull::get(pointer); }
  Constant *makeStruct(ArrayRef<Constant *> fields) {
    return ConstantStruct::getAnon(context, fields);
  }
  GlobalVariable *makeGlobal(Constant *value, const Twine &name,
                             GlobalValue::LinkageTypes linkage) {
    return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                              linkage, value, name);
  }
  /// Bytes that do not change, 64-byte aligned; NULL when there are none.
  Constant *makeBytes(StringRef bytes, const Twine &name) {
    if (bytes.empty())
      return makeNull();
    auto *global = makeGlobal(
        ConstantDataArray::getString(context, bytes, /*AddNull=*/false), name,
        GlobalValue::PrivateLinkage);
    global->setAlignment(Align(64));
    return global;
  }
  /// NULL for an empty text.
  Constant *makeString(StringRef text) {
    return text.empty() ? makeNull() : makeText(text);
  }
  /// Never NULL.
  Constant *makeText(StringRef text) {
    auto *global = makeGlobal(ConstantDataArray::getString(context, text),
                              "qccgen_text", GlobalValue::PrivateLinkage);
    global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return global;
  }
  Constant *makeArray(ArrayRef<Constant *> elements, const Twine &name) {
    if (elements.empty())
      return makeNull();
    auto *type = ArrayType::get(elements.front()->getType(), elements.size());
    return makeGlobal(ConstantArray::get(type, elements), name,
                      GlobalValue::PrivateLinkage);
  }
  Constant *makeTensor(const TensorInterface &tensor);
  Constant *makeDescription(const TargetMachine &machine);
  Constant *makeDeviceInfo(const DeviceInterface &device);
  Constant *makeDevice(const DeviceInterface &device);
  Constant *makeDevices();
  Function *addFunction(StringRef name, Type *result, ArrayRef<Type *> types);
  Function *addCall(StringRef name, StringRef callee, Type *result,
                    ArrayRef<Type *> types, bool withDescriptor);

  Module &module;
  const ModelInterface &interface;
  LLVMContext &context;
  PointerType *pointer;
  Type *int32, *int64;
  GlobalVariable *descriptor = nullptr;
};

} // namespace

Constant *DescriptorBuilder::makeTensor(const TensorInterface &tensor) {
  SmallVector<Constant *> dims;
  for (const DimInterface &dim : tensor.dims)
    dims.push_back(makeStruct({makeInt64(static_cast<uint64_t>(dim.extent)),
                               makeString(dim.symbol)}));
  Type *int8 = Type::getInt8Ty(context);
  Constant *type = makeStruct(
      {ConstantInt::get(int8, tensor.dtype.code),
       ConstantInt::get(int8, tensor.dtype.bits),
       ConstantInt::get(Type::getInt16Ty(context), tensor.dtype.lanes)});
  return makeStruct({makeString(tensor.name), type,
                     makeInt32(tensor.dims.size()),
                     makeArray(dims, "qccgen_dims"), makeString(tensor.format),
                     makeString(tensor.component),
                     ConstantInt::getSigned(int32, tensor.aliasInput)});
}

Constant *DescriptorBuilder::makeDescription(const TargetMachine &machine) {
  SmallVector<Constant *> inputs, outputs, devices;
  for (const DeviceInterface &device : interface.devices)
    devices.push_back(makeDeviceInfo(device));
  for (const TensorInterface &tensor : interface.inputs)
    inputs.push_back(makeTensor(tensor));
  for (const TensorInterface &tensor : interface.outputs)
    outputs.push_back(makeTensor(tensor));
  return makeStruct(
      {makeInt64(sizeof(qcc_description)), makeString(interface.name),
       makeString("qcc " QCC_VERSION),
       makeString(machine.getTargetTriple().str()),
       makeString(machine.getTargetCPU()),
       makeString(machine.getTargetFeatureString()), makeInt32(inputs.size()),
       makeInt32(outputs.size()), makeArray(inputs, "qccgen_inputs"),
       makeArray(outputs, "qccgen_outputs"), makeString(interface.weights.file),
       makeInt64(interface.weights.bytes), makeInt32(devices.size()),
       makeArray(devices, "qccgen_device_infos")});
}

Constant *DescriptorBuilder::makeDeviceInfo(const DeviceInterface &device) {
  uint64_t memory = 0;
  for (uint64_t bytes : device.requiredBytes)
    memory += bytes;
  return makeStruct({makeString(device.name), makeString(device.driver),
                     makeText(device.machine), makeInt64(memory),
                     makeInt64(device.code.size())});
}

Constant *DescriptorBuilder::makeDevice(const DeviceInterface &device) {
  auto *driver = new GlobalVariable(
      module, Type::getInt8Ty(context), /*isConstant=*/true,
      GlobalValue::ExternalLinkage, nullptr, device.driverSymbol);
  driver->setVisibility(GlobalValue::HiddenVisibility);
  SmallVector<Constant *> entries, required;
  for (const std::string &entry : device.entries)
    entries.push_back(makeString(entry));
  for (uint64_t bytes : device.requiredBytes)
    required.push_back(makeInt64(bytes));
  return makeStruct(
      {driver, makeText(device.machine), makeBytes(device.code, "qccgen_code"),
       makeInt64(device.code.size()), makeArray(entries, "qccgen_entries"),
       makeInt32(entries.size()), makeInt32(required.size()),
       makeArray(required, "qccgen_memory"), makeInt64(device.constantsOffset),
       makeInt64(device.constantsBytes)});
}

Constant *DescriptorBuilder::makeDevices() {
  SmallVector<Constant *> devices;
  for (const DeviceInterface &device : interface.devices)
    devices.push_back(makeDevice(device));
  return makeArray(devices, "qccgen_devices");
}

Function *DescriptorBuilder::addFunction(StringRef name, Type *result,
                                         ArrayRef<Type *> types) {
  auto *function = Function::Create(FunctionType::get(result, types, false),
                                    GlobalValue::ExternalLinkage,
                                    interface.name + "_" + name, module);
  function->setDoesNotThrow();
  return function;
}

Function *DescriptorBuilder::addCall(StringRef name, StringRef callee,
                                     Type *result, ArrayRef<Type *> types,
                                     bool withDescriptor) {
  Function *function = addFunction(name, result, types);
  IRBuilder<> builder(BasicBlock::Create(context, "", function));
  SmallVector<Type *> calleeTypes(types);
  SmallVector<Value *> arguments;
  if (withDescriptor) {
    calleeTypes.insert(calleeTypes.begin(), pointer);
    arguments.push_back(descriptor);
  }
  for (Argument &argument : function->args())
    arguments.push_back(&argument);
  FunctionCallee target = module.getOrInsertFunction(
      callee, FunctionType::get(result, calleeTypes, false));
  CallInst *call = builder.CreateCall(target, arguments);
  call->setTailCallKind(CallInst::TCK_Tail);
  if (result->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(call);
  return function;
}

void DescriptorBuilder::build(const TargetMachine &machine) {
  FunctionCallee main = module.getOrInsertFunction(
      "qccgen_main", FunctionType::get(int32, {pointer}, false));
  Constant *value = makeStruct(
      {makeInt32(QCC_ABI_VERSION), makeInt32(sizeof(qccrt_model_desc)),
       makeDescription(machine), cast<Constant>(main.getCallee()),
       makeBytes(interface.weights.embedded, "qccgen_weights"),
       makeInt64(interface.weights.checksum),
       makeInt64(getRequiredCpu(machine)), makeDevices()});
  assert(module.getDataLayout().getTypeAllocSize(value->getType()) ==
             sizeof(qccrt_model_desc) &&
         "qccrt_model_desc has changed, and this builder has not");
  descriptor = makeGlobal(value, "qccgen_desc", GlobalValue::ExternalLinkage);
  descriptor->setVisibility(GlobalValue::HiddenVisibility);

  Type *none = Type::getVoidTy(context);
  Function *open = addCall("open", "qccrt_open", int32,
                           {pointer, pointer, pointer, pointer}, true);
  Function *run = addCall("run", "qccrt_run_model", int32,
                          {pointer, pointer, pointer, pointer}, true);
  Function *close = addCall("close", "qccrt_close", none, {pointer}, false);
  Function *freeError =
      addCall("free_error", "qccrt_free_error", none, {pointer}, false);
  Function *describe = addFunction("describe", pointer, {});
  IRBuilder<> builder(BasicBlock::Create(context, "", describe));
  builder.CreateRet(builder.CreateConstInBoundsGEP1_64(
      builder.getInt8Ty(), descriptor,
      offsetof(qccrt_model_desc, description)));

  if (!interface.layers.empty())
    makeGlobal(ConstantDataArray::getString(context, interface.layers),
               interface.name + "_layers", GlobalValue::ExternalLinkage);
  // Weak, so that several models can be linked into one program, which calls
  // them by name.
  makeGlobal(makeStruct({makeInt64(QCC_MODEL_MAGIC), makeInt32(QCC_ABI_VERSION),
                         makeInt32(sizeof(qcc_model_api)), open, run, close,
                         describe, freeError}),
             "qcc_model", GlobalValue::WeakAnyLinkage);
}

void addDescriptor(Module &module, const ModelInterface &interface,
                   const TargetMachine &machine) {
  DescriptorBuilder(module, interface).build(machine);
}

} // namespace qcc::host
