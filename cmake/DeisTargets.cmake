# One way to declare each kind of target. Every folder names its files; nothing globs.
#
#   deis_library(net SOURCES stream.cpp ... DEPS base)       -> library target deis_net
#                                 APART keys.cpp ...         (compiled one by one: each has the same names inside)
#   deis_binary(deis-publisher SOURCES main.cpp DEPS publisher_core component)
#   deis_test(net_test SOURCES stream_test.cpp DEPS net)     -> ctest label "unit" (or LABEL component)
#   deis_fuzzer(form SOURCES form_fuzz.cpp DEPS net)         -> fuzzer (preset asan) and unit test form_replay
#
# DEPS takes our own libraries by their short name and any imported target (Foo::bar) as it is.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)

set(DEIS_COMPILE_OPTIONS
  -Wall -Wextra -Werror -Wno-missing-field-initializers -fstack-protector-strong
  $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-mismatched-new-delete
  -Wno-subobject-linkage>)  # what a file keeps to itself is, in a unity build, in an included file
# Tests run for milliseconds and are compiled for longer: their own code is not optimised, what they test is.
set(DEIS_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
add_library(deis_options INTERFACE)
target_include_directories(deis_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(deis_options INTERFACE ${DEIS_COMPILE_OPTIONS} -fPIE)
target_compile_definitions(deis_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED _GLIBCXX_ASSERTIONS)
target_link_options(deis_options INTERFACE -pie -Wl,-z,relro,-z,now)

# What nearly every file reads of other people's headers is parsed once (precompiled.h, and precompiled_asio.h for what stands on net: Asio's headers
# want its library): that is half of compiling. Not for g++.
#   _deis_precompile(target [TESTS] DEPS ...)
function(_deis_precompile target)
  cmake_parse_arguments(arg "TESTS" "" "DEPS" ${ARGN})
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    return()
  endif()
  set(precompiled deis_precompiled)
  set(headers ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  foreach(dep ${arg_DEPS})
    if(TARGET deis_${dep})
      get_target_property(stands_on_net deis_${dep} DEIS_STANDS_ON_NET)
    endif()
    if(dep STREQUAL net OR stands_on_net)
      set(precompiled deis_precompiled_asio)
      set(headers ${CMAKE_SOURCE_DIR}/cmake/precompiled_asio.h)
      set_target_properties(${target} PROPERTIES DEIS_STANDS_ON_NET ON)
      break()
    endif()
  endforeach()
  if(arg_TESTS)
    string(APPEND precompiled _tests)
    list(APPEND headers <gtest/gtest.h> <gmock/gmock.h>)
  endif()
  if(NOT TARGET ${precompiled})
    add_library(${precompiled} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(${precompiled} PUBLIC
      deis_options Boost::json fmt::fmt $<$<BOOL:${arg_TESTS}>:GTest::gtest>)
    target_precompile_headers(${precompiled} PRIVATE ${headers})
    # Times inside would make it another one for ccache after every build.
    target_compile_options(${precompiled} PRIVATE "SHELL:-Xclang -fno-pch-timestamp" $<$<BOOL:${arg_TESTS}>:${DEIS_TEST_OPTIONS}>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${precompiled})
endfunction()

function(_deis_link target)
  foreach(dep ${ARGN})
    if(dep MATCHES "::" OR dep MATCHES "^PkgConfig")
      target_link_libraries(${target} PUBLIC ${dep})
    else()
      target_link_libraries(${target} PUBLIC deis_${dep})
    endif()
  endforeach()
endfunction()

function(deis_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;APART;DEPS" ${ARGN})
  add_library(deis_${name} STATIC ${arg_SOURCES} ${arg_APART})
  set_source_files_properties(${arg_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_link_libraries(deis_${name} PUBLIC deis_options)
  _deis_precompile(deis_${name} DEPS ${name} ${arg_DEPS})
  _deis_link(deis_${name} ${arg_DEPS})
endfunction()

function(deis_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE deis_options)
  _deis_precompile(${name} DEPS ${arg_DEPS})
  foreach(dep ${arg_DEPS})
    if(dep MATCHES "::")
      target_link_libraries(${name} PRIVATE ${dep})
    else()
      target_link_libraries(${name} PRIVATE deis_${dep})
    endif()
  endforeach()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# What nginx loads. A sanitizer's runtime would have to be in nginx, too: there is none in those builds.
function(deis_nginx_module name)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    return()
  endif()
  add_library(${name} MODULE ${ARGN})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${DEIS_COMPILE_OPTIONS})
  target_link_options(${name} PRIVATE -fuse-ld=mold -Wl,-z,relro,-z,now)
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# A program that is copied to other machines: what Debian has as an archive becomes part of it. The archives come first on
# the command line and --as-needed drops the shared libraries of the same names that imported targets bring.
function(deis_self_contained target)
  set(archives)
  foreach(name boost_json boost_container ssl crypto yaml-cpp sodium)
    find_library(DEIS_ARCHIVE_${name} lib${name}.a REQUIRED)
    list(APPEND archives ${DEIS_ARCHIVE_${name}})
  endforeach()
  target_link_options(${target} PRIVATE ${archives} -Wl,--as-needed -static-libstdc++ -static-libgcc)
endfunction()

# LABEL unit (default): no server, no Docker, runs under the sanitizers too.
# LABEL component: needs a real server; the test itself starts it on a free port or a unix socket.
# LOCK: what only one test at a time may use (component tests run two at a time), as `engine`: the test host's Docker Engine.
function(deis_test name)
  if(NOT DEIS_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "LABEL;LOCK" "SOURCES;DEPS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE deis_options GTest::gtest_main GTest::gmock)
  target_compile_options(${name} PRIVATE ${DEIS_TEST_OPTIONS})
  _deis_precompile(${name} TESTS DEPS ${arg_DEPS})
  foreach(dep ${arg_DEPS})
    if(dep MATCHES "::" OR dep MATCHES "^rapidcheck")
      target_link_libraries(${name} PRIVATE ${dep})
    else()
      target_link_libraries(${name} PRIVATE deis_${dep})
    endif()
  endforeach()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  # Seconds: far beyond what a slow machine takes, so that only what hangs is ended.
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT $<IF:$<STREQUAL:${arg_LABEL},component>,1200,300> RESOURCE_LOCK "${arg_LOCK}")
  # `ninja unit-tests` builds just these: the sanitizer runs need no more.
  if(NOT TARGET ${arg_LABEL}-tests)
    add_custom_target(${arg_LABEL}-tests)
  endif()
  add_dependencies(${arg_LABEL}-tests ${name})
endfunction()

# A fuzz target (core/base/fuzz.h) with its corpus in tests/fuzz/corpus/<name>: a unit test that runs the corpus again
# and, with DEIS_FUZZERS (the preset `asan`), a libFuzzer program.
function(deis_fuzzer name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(DEIS_FUZZERS)
    deis_binary(fuzz_${name} SOURCES ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/driver.cpp DEPS ${arg_DEPS})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(fuzz_${name} PROPERTIES
      OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers fuzz_${name})
  endif()
  if(NOT DEIS_TESTS)
    return()
  endif()
  if(NOT TARGET deis_fuzz_replay)
    add_library(deis_fuzz_replay OBJECT ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp)
    target_link_libraries(deis_fuzz_replay PUBLIC deis_options)
  endif()
  deis_binary(${name}_replay SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} fuzz_replay)
  set_target_properties(${name}_replay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name}_replay COMMAND ${name}_replay ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(${name}_replay PROPERTIES LABELS unit TIMEOUT 300)
  if(NOT TARGET unit-tests)
    add_custom_target(unit-tests)
  endif()
  add_dependencies(unit-tests ${name}_replay)
endfunction()

# Text files (SQL migrations, templates) compiled in as string_views:
#   deis_embed(controller_core NAME migrations FILES migrations/0001_users.sql ...)
# makes "<name>.embedded.h" with namespace deis::embedded::<name> and `inline constexpr File files[]`
# (name, text), rebuilt when a file changes.
function(deis_embed target)
  cmake_parse_arguments(arg "" "NAME" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.embedded.h)
  set(inputs)
  foreach(file ${arg_FILES})
    list(APPEND inputs ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${arg_NAME} "-DFILES=${inputs}" -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(deis_${target} PRIVATE ${out})
  target_include_directories(deis_${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
