// What a device can do, as shared passes ask it.
//
// A TargetModel answers questions: it changes no IR, reads no option and holds
// no global. A pass knows no device by name: it gets the model of an op from
// the nearest enclosing `qnn.target`, see Registry.h.

#ifndef QCC_TARGET_TARGETMODEL_H
#define QCC_TARGET_TARGETMODEL_H

#include "qcc/Target/Work.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <string>

namespace qcc {

/// Axis orders of images.
enum class ImageLayout { ChannelsFirst, ChannelsLast };

class TargetModel {
public:
  virtual ~TargetModel() = default;

  /// The order in which convolutions and pools read images best.
  virtual ImageLayout getImageLayout() const = 0;

  /// Ways to do `work`, best first. Empty, with a sentence in `whyNot`, where
  /// there is none. Never for another format than asked.
  virtual llvm::SmallVector<qnn::KernelAttr>
  getKernels(const Work &work, std::string &whyNot) const = 0;

  /// Whether `kernel`, perhaps written by hand, can do `work`; the error says
  /// why not.
  virtual llvm::Error check(const Work &work, qnn::KernelAttr kernel) const = 0;

  /// Bytes of fast memory that is managed by the program (a scratchpad), or 0
  /// where there are caches instead.
  virtual int64_t getScratchpadBytes() const = 0;
};

} // namespace qcc

#endif // QCC_TARGET_TARGETMODEL_H
