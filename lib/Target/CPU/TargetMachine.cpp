#include "lib/Target/CPU/Machine.h"

#include "lib/Host/LLVMOptions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace llvm;

namespace qcc::cpu {

Machine Machine::of(qnn::TargetAttr target) {
  return {target.getOption("mcpu").str(), target.getOption("mattr").str(),
          target.getOption("mtriple").str()};
}

static std::string getHostFeatures() {
  SubtargetFeatures features;
  for (const auto &feature : sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return features.getString();
}

static Error checkNames(const MCSubtargetInfo &info, const Machine &options,
                        StringRef cpu) {
  if (!info.isCPUStringValid(cpu))
    return createStringError("option '--mcpu=%s': LLVM knows no such processor "
                             "for %s; 'native' is this "
                             "machine's",
                             cpu.str().c_str(),
                             info.getTargetTriple().str().c_str());
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
      return createStringError("option '--mattr=%s': '%s' is not '+' or '-' "
                               "and a feature that LLVM knows "
                               "for %s",
                               options.mattr.c_str(), name.str().c_str(),
                               info.getTargetTriple().str().c_str());
  }
  return Error::success();
}

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(const Machine &options, unsigned optLevel) {
  host::initializeLLVMOnce();
  Triple host(sys::getDefaultTargetTriple());
  Triple triple(options.triple.empty() ? host.str()
                                       : Triple::normalize(options.triple));
  std::string reason;
  const llvm::Target *target = TargetRegistry::lookupTarget(triple, reason);
  if (!target || !triple.isArch64Bit() || !triple.isOSBinFormatELF())
    return createStringError(
        "option '--mtriple=%s': not a 64-bit ELF target of x86-64, "
        "AArch64 or RISC-V%s%s",
        triple.str().c_str(), reason.empty() ? "" : ": ", reason.c_str());
  bool isNative = options.mcpu.empty() || options.mcpu == "native";
  bool isHost = triple.getArch() == host.getArch();
  if (options.mcpu == "native" && !isHost)
    return createStringError("option '--mcpu=native': this machine is no %s",
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
      levels[std::min(optLevel, 3u)]));
  if (!machine)
    return createStringError("LLVM cannot generate code for %s",
                             triple.str().c_str());
  return machine;
}

} // namespace qcc::cpu
