#include "lib/Target/CPU/EmitInternal.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <mutex>

using namespace llvm;

namespace qcc::cpu {

// Sets an option of LLVM that is reachable in no other way. Some passes ask not
// for its value but whether it occurred, so it must occur.
static void setUnlessSet(StringRef name, StringRef value) {
  cl::Option *option = cl::getRegisteredOptions().lookup(name);
  assert(option && "LLVM has renamed an option of its code generator");
  if (option && option->getNumOccurrences() == 0)
    option->addOccurrence(0, name, value);
}

void initializeLLVMOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
#define QCC_INITIALIZE(target)                                                 \
  LLVMInitialize##target##TargetInfo();                                        \
  LLVMInitialize##target##Target();                                            \
  LLVMInitialize##target##TargetMC();                                          \
  LLVMInitialize##target##AsmParser();                                         \
  LLVMInitialize##target##AsmPrinter();
    QCC_INITIALIZE(X86)
    QCC_INITIALIZE(AArch64)
    QCC_INITIALIZE(RISCV)
#undef QCC_INITIALIZE
    restoreLLVMOptions();
  });
}

std::shared_mutex &getLLVMOptionsLock() {
  static std::shared_mutex lock;
  return lock;
}

void restoreLLVMOptions() {
  // Register tiles use all vector registers. The schedulers move loads and
  // broadcasts up over live accumulators, which then spill: half the speed.
  setUnlessSet("enable-misched", "0");
  setUnlessSet("pre-RA-sched", "source");
}

static std::string getHostFeatures() {
  SubtargetFeatures features;
  for (const auto &feature : sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return features.getString();
}

static Error checkNames(const MCSubtargetInfo &info, const EmitOptions &options,
                        StringRef cpu) {
  if (!info.isCPUStringValid(cpu))
    return createStringError(
        "--mcpu=%s: LLVM knows no such processor for %s; 'native' is this "
        "machine's",
        cpu.str().c_str(), info.getTargetTriple().str().c_str());
  SmallVector<StringRef> names;
  StringRef(options.mattr).split(names, ',', -1, /*KeepEmpty=*/false);
  for (StringRef name : names) {
    StringRef plain = name;
    bool isSigned = plain.consume_front("+") || plain.consume_front("-");
    bool known = llvm::any_of(info.getAllProcessorFeatures(),
                              [&](const SubtargetFeatureKV &feature) {
                                return plain == feature.Key;
                              });
    if (!isSigned || !known)
      return createStringError(
          "--mattr=%s: '%s' is not '+' or '-' and a feature that LLVM knows "
          "for %s",
          options.mattr.c_str(), name.str().c_str(),
          info.getTargetTriple().str().c_str());
  }
  return Error::success();
}

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(const EmitOptions &options) {
  initializeLLVMOnce();
  Triple host(sys::getDefaultTargetTriple());
  Triple triple(options.triple.empty() ? host.str()
                                       : Triple::normalize(options.triple));
  std::string reason;
  const Target *target = TargetRegistry::lookupTarget(triple, reason);
  if (!target || !triple.isArch64Bit() || !triple.isOSBinFormatELF())
    return createStringError("--mtriple=%s: not a 64-bit ELF target of x86-64, "
                             "AArch64 or RISC-V%s%s",
                             triple.str().c_str(), reason.empty() ? "" : ": ",
                             reason.c_str());
  bool isNative = options.mcpu.empty() || options.mcpu == "native";
  bool isHost = triple.getArch() == host.getArch();
  if (options.mcpu == "native" && !isHost)
    return createStringError("--mcpu=native: this machine is no %s",
                             triple.getArchName().str().c_str());
  std::string cpu = !isNative ? options.mcpu
                    : isHost  ? sys::getHostCPUName().str()
                    : triple.getArch() == Triple::x86_64  ? "x86-64"
                    : triple.getArch() == Triple::riscv64 ? "generic-rv64"
                                                          : "generic";
  std::unique_ptr<MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  if (Error error = checkNames(*info, options, cpu))
    return std::move(error);
  // The system or a virtual machine may hide what the processor has.
  std::string features = isNative && isHost ? getHostFeatures() : "";
  // What Linux distributions are made for, and so libm and qcc's runtime.
  bool isRISCV = triple.getArch() == Triple::riscv64;
  if (isRISCV && !isHost)
    features = "+m,+a,+f,+d,+c";
  if (!options.mattr.empty())
    features += (features.empty() ? "" : ",") + options.mattr;
  static constexpr CodeGenOptLevel levels[] = {
      CodeGenOptLevel::None, CodeGenOptLevel::Less, CodeGenOptLevel::Default,
      CodeGenOptLevel::Aggressive};
  TargetOptions targetOptions;
  targetOptions.FunctionSections = true;
  targetOptions.DataSections = true;
  if (isRISCV)
    targetOptions.MCOptions.ABIName = "lp64d";
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, targetOptions, Reloc::PIC_, CodeModel::Small,
      levels[std::min(options.optLevel, 3u)]));
  if (!machine)
    return createStringError("LLVM cannot generate code for %s",
                             triple.str().c_str());
  return machine;
}

} // namespace qcc::cpu
