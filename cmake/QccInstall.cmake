# What `cmake --install` puts where; docs/extending.md is the user's page. It installs what was built and builds nothing.
#
#   bin/                 qcc, qcc-opt
#   lib/                 a shared object per library, QccPlugin.so
#   lib/cmake/qcc/       find_package(qcc): targets qcc::NAME, and functions to add passes and plug-ins
#   lib/pythonX.Y/       the package qcc
#   include/qcc-X.Y/     headers and .td files in folders as in the source, because includes are spelled from the root

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Plug-ins and the compiler must share one copy of each library.
if(NOT BUILD_SHARED_LIBS)
  install(CODE "message(FATAL_ERROR \"qcc is installed as shared objects, which plug-ins link, too, and this build has \"
    \"static libraries: configure it with -DBUILD_SHARED_LIBS=ON\")")
  return()
endif()

# Folders of which headers are installed: what a dialect, pass, codec, importer or target from outside includes.
set(public_folders
  dialects/QNN/IR
  dialects/QNN/Transforms
  lib/Analysis
  lib/Compress/Quantize
  lib/Conversion/QNNToLinalg
  lib/Formats
  lib/Fuse
  lib/Host
  lib/Pipelines)

set(version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(include_dir ${CMAKE_INSTALL_INCLUDEDIR}/qcc-${version})
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/qcc)
set(python_dir lib/python${QCC_PYTHON_VERSION}/site-packages)
set(programs qcc qcc-opt)
get_property(libraries GLOBAL PROPERTY QCC_LIBRARIES)
list(REMOVE_ITEM libraries QccRuntime) # for its own tests; artifacts get another copy

# Sets the paths by which an installed target, which lies in the folder `from`, finds the libraries of qcc and LLVM.
function(qcc_set_install_rpath target from)
  file(RELATIVE_PATH libraries_from "/${from}" "/${CMAKE_INSTALL_LIBDIR}")
  string(REGEX REPLACE "/$" "" libraries_from "/${libraries_from}")
  set_target_properties(${target} PROPERTIES
    INSTALL_RPATH "$ORIGIN${libraries_from}"
    INSTALL_RPATH_USE_LINK_PATH ON)
endfunction()

foreach(program IN LISTS programs)
  qcc_set_install_rpath(${program} ${CMAKE_INSTALL_BINDIR})
endforeach()
foreach(library IN LISTS libraries ITEMS QccPlugin)
  qcc_set_install_rpath(${library} ${CMAKE_INSTALL_LIBDIR})
endforeach()
qcc_set_install_rpath(QccPython ${python_dir}/qcc)

foreach(library IN LISTS libraries)
  string(REGEX REPLACE "^Qcc" "" name ${library})
  # No two versions can replace each other before 1.0.
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${name} VERSION ${version} SOVERSION ${version})
endforeach()
install(TARGETS ${programs} ${libraries} EXPORT qccExports INCLUDES DESTINATION ${include_dir})
install(TARGETS QccPlugin LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS QccPython LIBRARY DESTINATION ${python_dir}/qcc)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/python/qcc" DESTINATION ${python_dir} FILES_MATCHING PATTERN "*.py")

set(headers FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.h.inc" PATTERN Codecs.inc PATTERN CMakeFiles EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION ${include_dir} ${headers} PATTERN LICENSE)
foreach(folder IN LISTS public_folders)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/" "${PROJECT_BINARY_DIR}/${folder}/"
    DESTINATION ${include_dir}/${folder} ${headers})
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT qccExports NAMESPACE qcc:: DESTINATION ${package_dir})
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/qccConfig.cmake.in" "${PROJECT_BINARY_DIR}/cmake/qccConfig.cmake"
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS include_dir
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/qccConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES
    "${PROJECT_BINARY_DIR}/cmake/qccConfig.cmake"
    "${PROJECT_BINARY_DIR}/cmake/qccConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/QccTargets.cmake"
  DESTINATION ${package_dir})
