// How ops of the dialect that compute in memory bufferize, for upstream's
// one-shot bufferization.

#ifndef DIALECTS_QNN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define DIALECTS_QNN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace qcc::qnn {

/// Of qnn.contract, the one op with a destination. Its operands become the
/// buffers that they are, whatever their strides; a target whose kernels cannot
/// read all of them copies afterwards.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
