#include "lib/Host/LLVMOptions.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"

#include <cassert>
#include <mutex>

using namespace llvm;

namespace qcc::host {

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

} // namespace qcc::host
