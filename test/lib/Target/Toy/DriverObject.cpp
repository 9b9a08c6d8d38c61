#include "test/lib/Target/Toy/ToyTarget.h"

// The assembler reads the file, whose path is a macro of this source's compile
// command.
__asm__(".pushsection .rodata.toy_driver,\"a\"\n"
        ".balign 16\ntoy_driver_begin:\n"
        ".incbin \"" TOY_DRIVER_OBJECT "\"\ntoy_driver_end:\n"
        ".popsection\n");
extern "C" __attribute__((visibility("hidden"))) const char toy_driver_begin[];
extern "C" __attribute__((visibility("hidden"))) const char toy_driver_end[];

llvm::StringRef qcc::toy::getDriverObject() {
  return llvm::StringRef(
      toy_driver_begin, static_cast<size_t>(toy_driver_end - toy_driver_begin));
}
