# What nearly every source includes is read once for all that are compiled alike: a third of the time
# of a build from nothing. Headers of others alone: a change to one of ours compiles what includes it
# and no more. A compiler cache does better, and such headers keep it from working.
option(EPA_PRECOMPILE_HEADERS "Read the standard library once, where there is no compiler cache" OFF)
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(EPA_PRECOMPILE_HEADERS OFF)
endif()

# epa_precompile(library HEADERS <string> ... DEPS absl::status ...)
function(epa_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;DEPS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/epa_precompiled_${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(epa_precompiled_${name} OBJECT ${source})
  target_precompile_headers(epa_precompiled_${name} PRIVATE ${ARG_HEADERS})
  target_link_libraries(epa_precompiled_${name} PRIVATE ${ARG_DEPS} epa_options)
endfunction()

# epa_use_precompiled(epa_core library)
function(epa_use_precompiled target name)
  if(EPA_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM epa_precompiled_${name})
  endif()
endfunction()

if(EPA_PRECOMPILE_HEADERS)
  set(EPA_PRECOMPILED_HEADERS <algorithm> <array> <chrono> <cstddef> <cstdint> <functional> <memory> <mutex>
    <optional> <span> <string> <string_view> <utility> <vector> <absl/status/status.h>
    <absl/status/statusor.h>)
  epa_precompile(library HEADERS ${EPA_PRECOMPILED_HEADERS} DEPS absl::statusor)
  set_target_properties(epa_precompiled_library PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(EPA_BUILD_TOOLS OR EPA_BUILD_TESTS)
    epa_precompile(program HEADERS ${EPA_PRECOMPILED_HEADERS} DEPS absl::statusor)
  endif()
  if(EPA_BUILD_TESTS)
    find_package(GTest REQUIRED)
    epa_precompile(test HEADERS ${EPA_PRECOMPILED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>
      DEPS absl::statusor GTest::gmock)
  endif()
endif()
