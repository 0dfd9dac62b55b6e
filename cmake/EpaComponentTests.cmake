# The tests of components once more, of the same objects, but linked to one shared library of all
# components that is compiled for them with nothing hidden: with counters of lines for `./run coverage`,
# and without linking every test again for `./run mutate`. Target `component_tests` makes them all;
# `ctest -C components -L components` runs them.
set(EPA_COMPONENT_FLAGS -O0 --coverage -fprofile-update=atomic CACHE STRING "How that library is compiled and linked")

add_custom_target(component_tests)
set(EPA_TEST_SUPPORT epa_test_support epa_ntlm_test_support epa_kerberos_test_support
  epa_smb2_test_support epa_private_kdc)

# epa_component_program(core_channel_test DEPS epa::core ...): component_core_channel_test, or nothing
# for what also needs what is made of components, such as the command.
function(epa_component_program target)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  get_property(components GLOBAL PROPERTY EPA_ALL_COMPONENTS)
  list(TRANSFORM components PREPEND epa::)
  set(support)
  if("${ARG_DEPS}" MATCHES "_test_support")
    list(TRANSFORM EPA_TEST_SUPPORT REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE support)
  endif()
  list(REMOVE_ITEM ARG_DEPS ${components} ${EPA_TEST_SUPPORT})
  if("${ARG_DEPS}" MATCHES "epa|libsasl2")
    return()
  endif()
  add_executable(component_${target} EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${target}> ${support})
  target_link_libraries(component_${target} PRIVATE epa_all_components ${ARG_DEPS})
  set_target_properties(component_${target} PROPERTIES LINKER_LANGUAGE CXX ENABLE_EXPORTS ON
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/component_tests)
  add_dependencies(component_tests component_${target})
endfunction()

# epa_component_test(core_channel_test component_core_channel_test): nothing without that program.
function(epa_component_test name program)
  if(NOT TARGET ${program} AND NOT IS_ABSOLUTE ${program})
    return()
  endif()
  add_test(NAME component_${name} COMMAND ${program} ${ARGN} CONFIGURATIONS components)
  set_tests_properties(component_${name} PROPERTIES TIMEOUT 120 LABELS components)
endfunction()

# epa_all_components(): once every component is known.
function(epa_all_components)
  get_property(components GLOBAL PROPERTY EPA_ALL_COMPONENTS)
  get_property(sources GLOBAL PROPERTY EPA_COMPONENT_SOURCES)
  get_property(linked GLOBAL PROPERTY EPA_LINKED)
  list(FILTER linked EXCLUDE REGEX "^epa::")
  list(REMOVE_DUPLICATES linked)
  pkg_check_modules(krb5 REQUIRED IMPORTED_TARGET mit-krb5)
  find_package(nlohmann_json REQUIRED)
  add_library(epa_all_components SHARED EXCLUDE_FROM_ALL ${sources})
  target_include_directories(epa_all_components PRIVATE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/include)
  foreach(component IN LISTS components)
    target_include_directories(epa_all_components SYSTEM PRIVATE
      $<TARGET_PROPERTY:epa_${component},INCLUDE_DIRECTORIES>)
  endforeach()
  target_compile_options(epa_all_components PRIVATE ${EPA_COMPONENT_FLAGS})
  target_link_options(epa_all_components PRIVATE ${EPA_COMPONENT_FLAGS})
  target_link_libraries(epa_all_components PUBLIC ${linked})
  if(EPA_PRECOMPILE_HEADERS)
    target_precompile_headers(epa_all_components PRIVATE ${EPA_PRECOMPILED_HEADERS})
  endif()
endfunction()
