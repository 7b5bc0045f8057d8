# nb_flags: how every file of ours is compiled.
add_library(nb_flags INTERFACE)
target_compile_definitions(nb_flags INTERFACE _GNU_SOURCE)
target_compile_options(nb_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wformat-security
  -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wmissing-declarations -Wredundant-decls
  -Wpointer-arith -Wwrite-strings -Wcast-qual -Wcast-align -Wundef -Wvla -Wswitch-enum -Wnull-dereference
  -Wdouble-promotion -Wimplicit-fallthrough -Wunused -fno-common -fstack-protector-strong -fvisibility=hidden
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Walloc-zero -Wtrampolines
    -Warith-conversion -Wformat-overflow=2 -Wformat-truncation=2>
  $<$<C_COMPILER_ID:Clang>:-Wcomma -Wassign-enum -Wloop-analysis -Wunreachable-code-aggressive>
  $<$<BOOL:${NB_WERROR}>:-Werror>
  $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections>)
target_link_options(nb_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed
  $<$<CONFIG:Release,RelWithDebInfo>:-Wl,--gc-sections -Wl,-O1>)
if(NB_SANITIZE)
  add_compile_options(-fsanitize=${NB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NB_SANITIZE})
endif()
if(NB_FUZZ) # the code under test needs the coverage hooks too, or the fuzzer is blind
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(NB_COVERAGE)
  target_compile_options(nb_flags INTERFACE --coverage)
  target_link_options(nb_flags INTERFACE --coverage)
endif()
