# For what is installed and loaded: addresses of functions are looked up before anything runs, and
# cannot be changed then.
set(EPA_SEALED LINKER:-z,relro,-z,now)

# epa_library(NAME core SOURCES a.cc b.h PUBLIC_HEADERS core/a.h DEPS PUBLIC ... PRIVATE ...)
# makes the static library epa_core, its alias epa::core, and puts its public headers in a file set.
# EpaInstall.cmake makes one library of all of them.
function(epa_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;PUBLIC_HEADERS;PUBLIC_DEPS;PRIVATE_DEPS" ${ARGN})
  set(target epa_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(epa::${ARG_NAME} ALIAS ${target})
  list(TRANSFORM ARG_PUBLIC_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/epa/)
  target_sources(${target} PUBLIC
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${ARG_PUBLIC_HEADERS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  # For a project that has this one as a folder and says no standard of its own.
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC_DEPS} PRIVATE ${ARG_PRIVATE_DEPS} epa_options)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME} POSITION_INDEPENDENT_CODE ON
    VERIFY_INTERFACE_HEADER_SETS ON)
  epa_use_precompiled(${target} library)
  set_property(GLOBAL APPEND PROPERTY EPA_ALL_COMPONENTS ${ARG_NAME})
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set_property(GLOBAL APPEND PROPERTY EPA_COMPONENT_SOURCES ${ARG_SOURCES})
  set_property(GLOBAL APPEND PROPERTY EPA_PUBLIC_HEADERS ${ARG_PUBLIC_HEADERS})
  set_property(GLOBAL APPEND PROPERTY EPA_LINKED ${ARG_PUBLIC_DEPS} ${ARG_PRIVATE_DEPS})
  if(ARG_PUBLIC_HEADERS)
    set_property(GLOBAL APPEND PROPERTY EPA_COMPONENTS ${ARG_NAME})
  endif()
endfunction()

# epa_test(NAME core_channel_test SOURCES ... DEPS ...): a GoogleTest program, one ctest entry.
function(epa_test)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_include_directories(${ARG_NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} epa_test_support GTest::gmock
    GTest::gtest_main epa_options)
  epa_use_precompiled(${ARG_NAME} test)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT 120 LABELS "unit;${ARG_LABELS}")
  epa_component_program(${ARG_NAME}
    DEPS ${ARG_DEPS} epa_test_support GTest::gmock GTest::gtest_main)
  epa_component_test(${ARG_NAME} component_${ARG_NAME})
endfunction()

# epa_fuzzer(NAME spn SOURCES spn_fuzzer.cc DEPS ...): with clang's libFuzzer a fuzz target
# `spn_fuzzer`; in every build `spn_corpus_test`, the same source run over fuzz/corpus/spn.
function(epa_fuzzer)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${ARG_NAME})
  add_executable(${ARG_NAME}_corpus_test ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/fuzz/corpus_main.cc)
  add_test(NAME ${ARG_NAME}_corpus_test COMMAND ${ARG_NAME}_corpus_test ${corpus})
  set_tests_properties(${ARG_NAME}_corpus_test PROPERTIES TIMEOUT 120 LABELS "unit;corpus")
  epa_component_program(${ARG_NAME}_corpus_test DEPS ${ARG_DEPS})
  epa_component_test(${ARG_NAME}_corpus_test component_${ARG_NAME}_corpus_test ${corpus})
  set(targets ${ARG_NAME}_corpus_test)
  if(EPA_FUZZ)
    add_executable(${ARG_NAME}_fuzzer ${ARG_SOURCES})
    target_link_options(${ARG_NAME}_fuzzer PRIVATE -fsanitize=fuzzer)
    list(APPEND targets ${ARG_NAME}_fuzzer)
  endif()
  foreach(target ${targets})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${ARG_DEPS} epa_options)
    epa_use_precompiled(${target} program)
  endforeach()
endfunction()
