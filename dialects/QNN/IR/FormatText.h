// A FORMAT as users write it: CODEC[:gN|:axis|:tensor][:dynamic:token].
//
//   int4:g32            weights: an f16 scale for each 32 along the reduction
//   fp8_e4m3            weights: the scaling that the codec has without one
//   mxfp4               weights: a format whose name says its scaling, too
//   int8:dynamic:token  activations: an f32 scale for each row, at run time
//
// docs/formats.md is the user's page. CODEC is a name of the dialect's registry
// (lib/Formats/NamedFormat.h), also one that a plug-in has added.

#ifndef DIALECTS_QNN_IR_FORMATTEXT_H
#define DIALECTS_QNN_IR_FORMATTEXT_H

#include "dialects/QNN/IR/Format.h"
#include "lib/Formats/NamedFormat.h"

#include "llvm/Support/Error.h"

namespace qcc::qnn {

/// The format of a matrix [outputs, reduction] as `--weights` names it. Scales
/// are one for the tensor, for each row, or for each group along a row. An
/// error says what is wrong and what is known. The dialect must be loaded.
llvm::Expected<FormatAttr> parseWeightFormat(mlir::MLIRContext *context,
                                             llvm::StringRef text);

/// The format of a matrix [tokens, features] as `--activations` names it.
llvm::Expected<FormatAttr> parseActivationFormat(mlir::MLIRContext *context,
                                                 llvm::StringRef text);

/// What a name alone stands for, as a format and written out: "int4:g32".
FormatAttr getFormat(mlir::MLIRContext *context,
                     const formats::NamedFormat &named);
std::string getText(const formats::NamedFormat &named);

/// The codec whose codes are the bits of an element type; null: there is none.
const formats::Codec *findCodec(mlir::Type type);

/// FORMATs that `--activations` takes.
llvm::SmallVector<std::string> getActivationFormats(mlir::MLIRContext *context);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_IR_FORMATTEXT_H
