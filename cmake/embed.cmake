# nb_embed(TARGET PATH SYMBOL): in the target, SYMBOL is the folder (an nb_embedded_folder of base/embed.h with every file below
# it) or the text of the file (a string).
function(nb_embed target path symbol)
  set(source ${CMAKE_SOURCE_DIR}/${path})
  set(files ${source})
  if(IS_DIRECTORY ${source})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${source}/*)
  endif()
  set(out ${CMAKE_BINARY_DIR}/embed/${symbol}.c)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(OUTPUT ${out}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/embed.py ${source} ${out} ${symbol}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.py VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# nb_stamp(TARGET SYMBOL room...): in the target, SYMBOL is the version with a hash of the rooms' headers: two builds in which it is
# the same agree on every struct of these rooms.
function(nb_stamp target symbol)
  set(headers)
  foreach(room IN LISTS ARGN)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.h ${CMAKE_SOURCE_DIR}/src/${room}/*.def)
    list(APPEND headers ${found})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/embed/${symbol}.c)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(OUTPUT ${out}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/stamp.py ${out} ${symbol} ${PROJECT_VERSION} ${headers}
    DEPENDS ${headers} ${CMAKE_SOURCE_DIR}/cmake/stamp.py VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
