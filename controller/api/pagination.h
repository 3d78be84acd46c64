#pragma once
// Lists in pages (contract api.md §1.8).

#include "controller/api/response.h"
#include "controller/domain/page.h"
#include "core/net/http.h"

#include <boost/json/object.hpp>

namespace deis::controller::api {

// From ?page_size= and ?page=. Throws Error{not_found} for a page that is not a number.
PageRequest read_page(const net::Request& request);

// {"count", "next", "previous"}: a page without its results. Throws Error{not_found} for a page beyond the
// end.
boost::json::object page_frame(const net::Request& request, const PageRequest& asked, std::int64_t count);

// The whole page; `serialize` makes an object, or JsonText, of one item.
template <typename T, typename Serialize>
JsonText page_body(
    const net::Request& request, const PageRequest& asked, const Page<T>& page, Serialize serialize) {
  JsonText body = to_text(page_frame(request, asked, page.count));
  body.text.back() = ',';  // instead of the closing brace
  body.text += "\"results\":[";
  for (const T& item : page.items) {
    if (&item != &page.items.front()) body.text += ',';
    body.text += to_text(serialize(item)).text;
  }
  body.text += "]}";
  return body;
}

}  // namespace deis::controller::api
