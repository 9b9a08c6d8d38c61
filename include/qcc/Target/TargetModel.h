// What a device can do, as shared passes ask it.
//
// A TargetModel answers questions: it changes no IR, reads no option and holds
// no global. A pass knows no device by name: it gets the model of an op from
// the nearest enclosing `qnn.target`, see Registry.h.

#ifndef QCC_TARGET_TARGETMODEL_H
#define QCC_TARGET_TARGETMODEL_H

#include "qcc/Target/Cost.h"
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

  /// What the device reads and writes, fastest first.
  virtual llvm::ArrayRef<MemorySpace> getMemorySpaces() const = 0;

  /// Ways to do `work` by kernels, best first. Empty, with a sentence in
  /// `whyNot`, where there is none. Never for another format than asked.
  virtual llvm::SmallVector<Candidate>
  getCandidates(const Work &work, std::string &whyNot) const = 0;

  /// What `work` costs without a kernel, done by generated loops.
  virtual Cost getCost(const Work &work) const = 0;

  /// Whether `kernel`, perhaps written by hand, is a candidate for `work`; the
  /// error says why not. A target overrides it to say more, never to decide
  /// otherwise.
  virtual llvm::Error check(const Work &work, qnn::KernelAttr kernel) const {
    std::string whyNot;
    llvm::SmallVector<Candidate> candidates = getCandidates(work, whyNot);
    for (const Candidate &candidate : candidates)
      if (candidate.kernel == kernel)
        return llvm::Error::success();
    if (candidates.empty())
      return llvm::createStringError(whyNot);
    return llvm::createStringError(
        "it is no kernel for this work; the best is '" +
        candidates.front().kernel.getName() + "'");
  }
};

} // namespace qcc

#endif // QCC_TARGET_TARGETMODEL_H
