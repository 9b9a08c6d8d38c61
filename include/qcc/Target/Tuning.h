// How a target's costs are fitted to a machine: `qcc tune` measures what the
// target asks for, and gives it the times. Compiling never measures.

#ifndef QCC_TARGET_TUNING_H
#define QCC_TARGET_TUNING_H

#include "qcc/Target/TargetModel.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <string>
#include <vector>

namespace qcc {

/// A computation to be measured.
struct TuningProblem {
  std::string name; ///< For people: "i8 128x768x3072".
  /// A module of the qnn dialect whose function @main computes it. The op with
  /// the most products, or points where there are none, is the one of which
  /// several candidates are measured.
  std::string module;
};

/// One way to do the work of a problem, measured alone on one thread.
struct Measurement {
  const Work *work;
  qnn::KernelAttr kernel; ///< Null: without a kernel.
  double seconds;
};

/// What tuning gives.
struct TunedModel {
  std::unique_ptr<TargetModel> model; ///< That predicts by the new costs.
  std::string file;                   ///< What getOption() reads.
  /// Costs on which predictions of what was measured depend.
  size_t numFitted = 0;
};

class Tuning {
public:
  virtual ~Tuning() = default;

  virtual std::vector<TuningProblem> getProblems() const = 0;

  /// The target's option that reads what fit() writes: "costs".
  virtual llvm::StringRef getOption() const = 0;

  /// `machine` describes where it was measured. An error where measurements do
  /// not suffice.
  virtual llvm::Expected<TunedModel>
  fit(llvm::ArrayRef<Measurement> measurements,
      llvm::StringRef machine) const = 0;
};

} // namespace qcc

#endif // QCC_TARGET_TUNING_H
