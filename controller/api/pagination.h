#pragma once
// Lists in pages (contract api.md §1.8).

#include "controller/domain/page.h"
#include "core/net/http.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace deis::controller::api {

// From ?page_size= and ?page=. Throws Error{not_found} for a page that is not a number.
PageRequest read_page(const net::Request& request);

// {"count", "next", "previous"}: a page without its results. Throws Error{not_found} for a page beyond the
// end.
boost::json::object page_frame(const net::Request& request, const PageRequest& asked, std::int64_t count);

// The whole page; `serialize` makes an object of one item.
template <typename T, typename Serialize>
boost::json::object page_body(
    const net::Request& request, const PageRequest& asked, const Page<T>& page, Serialize serialize) {
  boost::json::object body = page_frame(request, asked, page.count);
  boost::json::array results;
  results.reserve(page.items.size());
  for (const T& item : page.items) results.push_back(serialize(item));
  body["results"] = std::move(results);
  return body;
}

}  // namespace deis::controller::api
