// The processor that code is made for, in LLVM's words.

#ifndef LIB_TARGET_CPU_MACHINE_H
#define LIB_TARGET_CPU_MACHINE_H

#include "dialects/QNN/IR/Format.h"

#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace qcc::cpu {

struct Machine {
  std::string mcpu;   ///< LLVM's name; empty or "native": this machine's.
  std::string mattr;  ///< LLVM's "+a,-b", after those of the processor.
  std::string triple; ///< Empty: this machine's.

  /// What `target`'s options say.
  static Machine of(qnn::TargetAttr target);
};

/// LLVM's object for code of that level (0 to 3), or why there is none.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const Machine &machine, unsigned optLevel = 2);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_MACHINE_H
