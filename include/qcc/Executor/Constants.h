// How the data of constants lie in the IR: a contract between those who make
// constants and those who place or free them.

#ifndef QCC_EXECUTOR_CONSTANTS_H
#define QCC_EXECUTOR_CONSTANTS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace qcc {

/// Larger constants are resource blobs, outside the IR's text and unique'd
/// storage, and lie outside the code of a compiled model.
inline constexpr int64_t maxInlineBytes = 4096;

/// What the keys of blobs begin with that the compiler made and nobody else
/// holds: those are freed with their last reader (FoldedBlobs).
inline constexpr llvm::StringLiteral foldedKey("folded");

} // namespace qcc

#endif // QCC_EXECUTOR_CONSTANTS_H
