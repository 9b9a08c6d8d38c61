// The phases of a compilation in order. DESIGN's "The way of a model" says what
// each does; lib/Pipelines has the shared passes of each, a target those of
// `lower`.

#ifndef QCC_TARGET_PHASE_H
#define QCC_TARGET_PHASE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace qcc {

enum class Phase {
  Import,
  Compress,
  Fuse,
  Place,
  Layout,
  Decide,
  Storage,
  Lower,
  Emit
};

inline llvm::ArrayRef<Phase> getPhases() {
  static constexpr Phase phases[] = {
      Phase::Import, Phase::Compress, Phase::Fuse,  Phase::Place, Phase::Layout,
      Phase::Decide, Phase::Storage,  Phase::Lower, Phase::Emit};
  return phases;
}

inline llvm::StringRef getPhaseName(Phase phase) {
  static constexpr llvm::StringLiteral names[] = {
      "import", "compress", "fuse",  "place", "layout",
      "decide", "storage",  "lower", "emit"};
  return names[static_cast<size_t>(phase)];
}

inline std::optional<Phase> parsePhase(llvm::StringRef name) {
  for (Phase phase : getPhases())
    if (getPhaseName(phase) == name)
      return phase;
  return std::nullopt;
}

} // namespace qcc

#endif // QCC_TARGET_PHASE_H
