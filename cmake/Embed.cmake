# Called by deis_embed: writes ${FILES} into the header ${OUT} as raw string literals.
set(text "#pragma once\n#include <string_view>\nnamespace deis::embedded::${NAME} {\nstruct File { std::string_view name, text; };\ninline constexpr File files[] = {\n")
foreach(file ${FILES})
  file(READ ${file} body)
  get_filename_component(name ${file} NAME)
  # A string literal has a size limit in other compilers, not in clang or gcc.
  string(APPEND text "  {\"${name}\", R\"deis_embed(${body})deis_embed\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace deis::embedded::${NAME}\n")
file(WRITE ${OUT} "${text}")
