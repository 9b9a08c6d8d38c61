// Where the inputs of a run come from.

#ifndef LIB_DRIVER_INPUTS_H
#define LIB_DRIVER_INPUTS_H

#include "lib/Driver/CommandLine.h"
#include "lib/Driver/Signature.h"

#include "qcc/Executor/Tensor.h"

#include <map>

namespace qcc::driver {

using Shapes = std::map<std::string, llvm::SmallVector<int64_t>>;

/// --input, --random-inputs, --seed.
extern const llvm::ArrayRef<OptionSpec> inputOptions;
/// --shape
extern const llvm::ArrayRef<OptionSpec> shapeOptions;

/// The values of --shape NAME=1x3x224x224.
llvm::Expected<Shapes> parseShapes(const Arguments &arguments);

/// One tensor for each input, from --input; from input_I.pb in `folder` unless
/// that is empty; or random, with --random-inputs or `alwaysRandom`. `shapes`
/// are those of random inputs with open extents; an extent of the same symbol
/// in another input's shape or file serves, too, and shapes that give a symbol
/// two values are refused.
llvm::Expected<std::vector<Tensor>>
makeInputs(const Signature &signature, const Arguments &arguments,
           llvm::StringRef folder, const Shapes &shapes,
           mlir::MLIRContext &context, bool alwaysRandom = false);

/// STEM_INDEX.pb or .npy in the folder.
llvm::Expected<Tensor> readNumbered(llvm::StringRef folder,
                                    llvm::StringRef stem, size_t index,
                                    mlir::Type expected,
                                    mlir::MLIRContext &context);

/// Floats in [0, 1), integers in [0, 10), booleans. The same seed and shape
/// give the same numbers on every machine.
llvm::Expected<Tensor> makeRandom(mlir::Type elementType,
                                  llvm::ArrayRef<int64_t> shape, uint64_t seed);

} // namespace qcc::driver

#endif // LIB_DRIVER_INPUTS_H
