#pragma once
// How every list is read: first how many there are, then the page. Internal to the repositories.

#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

// `list` takes the parameters of `count` and behind them limit and offset.
template <typename T>
Task<Page<T>> list_page(
    pg::Session& db,
    const char* count,
    const char* list,
    pg::Params parameters,
    PageRequest request,
    T (*read)(const pg::Row&)) {
  Page<T> page;
  const pg::Result counted = co_await db.query(count, parameters);
  page.count = counted[0].get<std::int64_t>(0);
  parameters.push_back(pg::param(request.size));
  parameters.push_back(pg::param(std::max<std::int64_t>(0, request.offset(page.count))));
  const pg::Result rows = co_await db.query(list, std::move(parameters));
  for (int i = 0; i < rows.size(); ++i) page.items.push_back(read(rows[i]));
  co_return page;
}

inline std::vector<std::string> strings(const pg::Result& result) {
  std::vector<std::string> all;
  for (int i = 0; i < result.size(); ++i) all.push_back(result[i].get<std::string>(0));
  return all;
}

}  // namespace deis::controller::storage
