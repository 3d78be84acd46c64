#pragma once
// nginx's own headers, which are C and know nothing of our warnings.

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

#include <string_view>

namespace deis::router {

inline std::string_view view(const ngx_str_t& text) {
  return {reinterpret_cast<const char*>(text.data), text.len};
}
// nginx never writes through what it was given here.
inline ngx_str_t to_ngx(std::string_view text) {
  return {text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
}

}  // namespace deis::router
