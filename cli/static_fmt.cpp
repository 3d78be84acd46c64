// Debian has no archive of fmt: what the program uses of it is compiled here, so that the program needs no
// libfmt.so. The inline definitions of this file satisfy the others, which are compiled against the library.
#define FMT_HEADER_ONLY
#include <fmt/format.h>

#include <string>

namespace deis::cli {

[[gnu::used]] std::string (*const kKeepsFormatting)(fmt::string_view, fmt::format_args) = &fmt::vformat;

}  // namespace deis::cli
