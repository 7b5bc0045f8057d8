# tests/unit/ROOM/test_X.c is a cmocka program of that room; tests/fuzz/fuzz_X.c a libFuzzer target with seeds in tests/fuzz/corpus/X and words in tests/fuzz/dict/X.dict;
# tests/FOLDER/test_X.py a Python test. What each gets through the environment:
#   NB_SOURCE_DIR, NB_BUILD_DIR, NB_BINARY   this checkout, this build, the program
#   NB_SHARED          a folder beside the checkout with other people's notebooks; it may be missing
#   NB_TEST_PYTHON     the Python of scripts/setup.sh's environment for tests; it may be missing
#   NB_CLIENT_PYTHON   the one with published clients of endpoints, likewise
#   NB_SYSTEM_PYTHON   Debian's Python with its scientific packages
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(nb_cache "$ENV{XDG_CACHE_HOME}")
if(nb_cache STREQUAL "")
  set(nb_cache "$ENV{HOME}/.cache")
endif()
# nb_venv_python(REQUIREMENTS NAME OUT): where scripts/setup.sh puts the Python of this list.
function(nb_venv_python requirements name out)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${requirements})
  file(SHA256 ${CMAKE_SOURCE_DIR}/${requirements} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  set(${out} ${nb_cache}/notebooked/${name}-${hash}/bin/python PARENT_SCOPE)
endfunction()
nb_venv_python(tests/requirements.txt tests nb_test_python)
nb_venv_python(tests/requirements-clients.txt clients nb_client_python)
set(nb_system_python "$ENV{NB_SYSTEM_PYTHON}")
if(nb_system_python STREQUAL "")
  set(nb_system_python /usr/bin/python3)
endif()
set(TEST_ENV "NB_SOURCE_DIR=${CMAKE_SOURCE_DIR};NB_BUILD_DIR=${CMAKE_BINARY_DIR};NB_SHARED=${CMAKE_SOURCE_DIR}/../shared"
  "NB_BINARY=$<TARGET_FILE:notebooked>;NB_TEST_PYTHON=${nb_test_python};NB_CLIENT_PYTHON=${nb_client_python}"
  "NB_SYSTEM_PYTHON=${nb_system_python}"
  "PYTHONDONTWRITEBYTECODE=1;UBSAN_OPTIONS=print_stacktrace=1")

if(NB_FUZZ) # this build is for fuzzing only
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
  foreach(fuzzer IN LISTS fuzzers)
    get_filename_component(name ${fuzzer} NAME_WE)
    string(REPLACE "fuzz_" "" short ${name})
    add_executable(${name} ${fuzzer})
    target_link_libraries(${name} PRIVATE nb_cli nb_serve)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/corpus/${short})
    add_test(NAME fuzz/${short} COMMAND ${name} -max_total_time=5 -max_len=4096 -timeout=10 -rss_limit_mb=2048
      -dict=${CMAKE_SOURCE_DIR}/tests/fuzz/dict/${short}.dict ${CMAKE_BINARY_DIR}/corpus/${short} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${short})
    set_tests_properties(fuzz/${short} PROPERTIES LABELS fuzz)
  endforeach()
  return()
endif()

pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
foreach(room base text py notebook config graph requirements gen check proc store origin endpoint serve provider cli)
  file(GLOB units CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${room}/test_*.c)
  foreach(unit IN LISTS units)
    get_filename_component(name ${unit} NAME_WE)
    add_executable(${room}_${name} ${unit})
    target_include_directories(${room}_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
    target_link_libraries(${room}_${name} PRIVATE nb_${room} PkgConfig::CMOCKA)
    target_compile_options(${room}_${name} PRIVATE -Wno-conversion -Wno-sign-conversion -Wno-missing-field-initializers)
    string(REPLACE "test_" "" short ${name})
    add_test(NAME unit/${room}/${short} COMMAND ${room}_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(unit/${room}/${short} PROPERTIES LABELS unit ENVIRONMENT "${TEST_ENV}")
  endforeach()
endforeach()

# Small programs that tests drive (dump tokens, trees, ...): tests/tools/TOOL.c, linked with everything below the command line.
file(GLOB tools CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/tools/*.c)
foreach(tool IN LISTS tools)
  get_filename_component(name ${tool} NAME_WE)
  add_executable(tool_${name} ${tool})
  target_link_libraries(tool_${name} PRIVATE nb_check nb_serve)
endforeach()

# tests/*/test_*.py: Python tests (unittest), which get the build folder and the program through the environment.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/test_*.py)
foreach(script IN LISTS scripts)
  get_filename_component(name ${script} NAME_WE)
  get_filename_component(folder ${script} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  string(REPLACE "test_" "" short ${name})
  add_test(NAME ${folder}/${short} COMMAND ${Python3_EXECUTABLE} ${script} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${folder}/${short} PROPERTIES LABELS ${folder} TIMEOUT 1500 SKIP_RETURN_CODE 77
    ENVIRONMENT "${TEST_ENV}")
endforeach()
