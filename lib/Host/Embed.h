// Files that become part of a library's read-only data.

#ifndef LIB_HOST_EMBED_H
#define LIB_HOST_EMBED_H

#include "llvm/ADT/StringRef.h"

/// The assembler reads the file; `path` is a string literal, of which the
/// folder is a macro of the source's compile command (CMakeLists.txt). Stands
/// outside of namespaces.
#define QCC_EMBED(symbol, path)                                                \
  __asm__(".pushsection .rodata." #symbol ",\"a\"\n"                           \
          ".balign 16\n" #symbol "_begin:\n"                                   \
          ".incbin \"" path "\"\n" #symbol "_end:\n"                           \
          ".popsection\n");                                                    \
  extern "C" __attribute__((visibility("hidden")))                             \
  const char symbol##_begin[];                                                 \
  extern "C" __attribute__((visibility("hidden"))) const char symbol##_end[];

#define QCC_EMBEDDED(symbol)                                                   \
  llvm::StringRef(symbol##_begin,                                              \
                  static_cast<size_t>(symbol##_end - symbol##_begin))

#endif // LIB_HOST_EMBED_H
