# vivid_library(NAME SOURCES a.cc … DEPS other …): one library a folder; every header in it is also compiled alone.
function(vivid_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC vivid_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  target_sources(${name} PUBLIC FILE_SET headers TYPE HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${headers})
endfunction()

# vivid_embed_sql(TARGET): the *.sql files of this folder as constants, kClaim for claim.sql, in the header
# FOLDER/sql.h (namespace vivid::sync::sql).
function(vivid_embed_sql target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.sql)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(SQL_CONSTANTS "")
  foreach(path ${files})
    cmake_path(GET path STEM stem)
    string(REPLACE "_" ";" words ${stem})
    set(name "k")
    foreach(word ${words})
      string(SUBSTRING ${word} 0 1 first)
      string(SUBSTRING ${word} 1 -1 rest)
      string(TOUPPER ${first} first)
      string(APPEND name ${first}${rest})
    endforeach()
    file(READ ${path} text)
    string(APPEND SQL_CONSTANTS "inline constexpr std::string_view ${name} = R\"sql(${text})sql\";\n")
  endforeach()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE folder)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/sql.h.in ${CMAKE_BINARY_DIR}/generated/${folder}/sql.h @ONLY)
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()

# vivid_program(NAME SOURCES … DEPS …): an installed executable, all of them side by side in bin/.
function(vivid_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vivid_flags ${ARG_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# vivid_test(NAME LABEL unit SOURCES … DEPS … [TIMEOUT s] [SHARDS n]): one GoogleTest program, its cases listed to ctest
# one by one; SHARDS n, for cases that share a server which takes seconds to make: in n parts. Limits are for a machine
# that is ten times slower and has other things to do.
function(vivid_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT;SHARDS" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 240)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vivid_flags ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE VIVID_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VIVID_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(ARG_SHARDS)
    foreach(shard RANGE 1 ${ARG_SHARDS})
      math(EXPR index "${shard} - 1")
      add_test(NAME ${name}.${shard} COMMAND ${CMAKE_COMMAND} -E env GTEST_TOTAL_SHARDS=${ARG_SHARDS}
        GTEST_SHARD_INDEX=${index} $<TARGET_FILE:${name}>)
      set_tests_properties(${name}.${shard} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
        SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]" ${VIVID_TEST_PROPERTIES})
    endforeach()
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ${VIVID_TEST_PROPERTIES})
endfunction()

# vivid_fuzz_target(NAME SOURCES … DEPS …): LLVMFuzzerTestOneInput. With the fuzz preset a libFuzzer program; in every
# other build an ordinary test that replays tests/fuzz/corpus/NAME.
function(vivid_fuzz_target name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vivid_flags ${ARG_DEPS})
  if(VIVID_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz.${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS unit TIMEOUT 60 ${VIVID_TEST_PROPERTIES})
  endif()
endfunction()

# vivid_benchmark(NAME SOURCES … DEPS …): a program that `./dev bench NAME` runs; bin/bench/NAME.
function(vivid_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vivid_flags ${ARG_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/bench)
endfunction()
