#ifndef LIB_DRIVER_VERSION_H
#define LIB_DRIVER_VERSION_H

namespace qcc::driver {

inline constexpr const char *versionText = "qcc " QCC_VERSION;

} // namespace qcc::driver

#endif // LIB_DRIVER_VERSION_H
