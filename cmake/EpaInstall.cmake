# What is installed: one shared and one static library of all components, their public headers, and what
# CMake and pkg-config need to find them. Component `runtime` is what programs load, `devel` what
# they are built with, `tools` the command.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(EPA_ABI 1)  # grows when programs must be built again

get_property(components GLOBAL PROPERTY EPA_ALL_COMPONENTS)
get_property(EPA_COMPONENTS GLOBAL PROPERTY EPA_COMPONENTS)
get_property(public_headers GLOBAL PROPERTY EPA_PUBLIC_HEADERS)
get_property(linked GLOBAL PROPERTY EPA_LINKED)

# Other projects' libraries: public headers need those in `public_libraries`, the rest is for
# whoever links libepa.a.
set(public_libraries absl::status absl::statusor)
list(FILTER linked EXCLUDE REGEX "^(epa::.*|nlohmann_json::nlohmann_json)$")  # headers only
list(REMOVE_DUPLICATES linked)
list(REMOVE_ITEM linked ${public_libraries} ${EPA_UNISTRING})

# Their names for pkg-config.
set(EPA_PC_REQUIRES "${public_libraries}")
set(EPA_PC_REQUIRES_PRIVATE "${linked}")
foreach(list EPA_PC_REQUIRES EPA_PC_REQUIRES_PRIVATE)
  list(TRANSFORM ${list} REPLACE "^absl::" "absl_")
  list(TRANSFORM ${list} REPLACE "^OpenSSL::SSL$" "libssl")
  list(TRANSFORM ${list} REPLACE "^OpenSSL::Crypto$" "libcrypto")
  list(TRANSFORM ${list} REPLACE "^PkgConfig::krb5$" "mit-krb5")
  list(TRANSFORM ${list} REPLACE "^PkgConfig::libidn2$" "libidn2")
  if("${${list}}" MATCHES ":|/")
    message(FATAL_ERROR "cmake/EpaInstall.cmake does not say how a program finds: ${${list}}")
  endif()
  list(JOIN ${list} " " ${list})
endforeach()

add_library(epa_headers INTERFACE)
target_sources(epa_headers INTERFACE
  FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${public_headers})
target_compile_features(epa_headers INTERFACE cxx_std_20)
target_link_libraries(epa_headers INTERFACE ${public_libraries})
set_target_properties(epa_headers PROPERTIES EXPORT_NAME headers
  VERIFY_INTERFACE_HEADER_SETS OFF)  # each component verifies its own

list(TRANSFORM components PREPEND epa_ OUTPUT_VARIABLE component_targets)
list(TRANSFORM component_targets REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>"
  OUTPUT_VARIABLE component_objects)

add_library(epa_shared SHARED ${component_objects})
target_link_libraries(epa_shared PUBLIC epa_headers PRIVATE ${component_targets})
target_link_options(epa_shared PRIVATE
  LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/libepa.map ${EPA_SEALED})
set_target_properties(epa_shared PROPERTIES OUTPUT_NAME epa EXPORT_NAME shared
  VERSION ${PROJECT_VERSION} SOVERSION ${EPA_ABI}
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/libepa.map)

add_library(epa_static STATIC ${component_objects})
list(APPEND linked unistring)
list(TRANSFORM linked REPLACE "(.+)" "$<LINK_ONLY:\\1>")
target_link_libraries(epa_static PUBLIC epa_headers INTERFACE "$<INSTALL_INTERFACE:${linked}>")
set_target_properties(epa_static PROPERTIES OUTPUT_NAME epa EXPORT_NAME static)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/epa)
install(TARGETS epa_headers epa_shared epa_static epa_sspi epa_secur32 EXPORT epa
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT devel
  ARCHIVE COMPONENT devel
  FILE_SET HEADERS COMPONENT devel)
install(EXPORT epa NAMESPACE epa:: FILE epa-targets.cmake
  DESTINATION ${package_folder} COMPONENT devel)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/epa-config.cmake.in epa-config.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(epa-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/epa-config.cmake
    ${PROJECT_BINARY_DIR}/epa-config-version.cmake
  DESTINATION ${package_folder} COMPONENT devel)
# The examples of docs/providers.md.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tests/install/provider
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libepa-dev/examples COMPONENT devel)
# The prefix may be chosen when installing.
set(EPA_PREFIX "@CMAKE_INSTALL_PREFIX@")
foreach(name epa epa-sspi)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${name}.pc.in @ONLY)
  set(file ${PROJECT_BINARY_DIR}/${name}.pc)
  install(CODE "configure_file([[${file}.in]] [[${file}]] @ONLY)" COMPONENT devel)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
endforeach()
