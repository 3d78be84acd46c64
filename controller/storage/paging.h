#pragma once
// How every list is read: how many there are and the page, in one statement, so that both are of the same
// moment. Internal to the repositories.

#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

// The page of `columns` of the rows of `from` (with its WHERE) in `order`, each with the length of the whole
// list behind its columns; one row of NULLs when the page is empty. `size` and `page` are the statement's
// last two parameters ("$2", "$3"); page NULL is the last one.
#define LIST_PAGE(columns, from, order, size, page)                                       \
  "WITH whole AS (SELECT count(*) AS length FROM " from                                   \
  ") SELECT page.*, whole.length FROM whole "                                             \
  "LEFT JOIN LATERAL (SELECT " columns " FROM " from " ORDER BY " order " LIMIT " size    \
  "::bigint OFFSET "                                                                      \
  "(coalesce(" page "::bigint, greatest(1, (whole.length + " size "::bigint - 1) / " size \
  "::bigint)) - 1) * " size "::bigint) page ON true"

// `list` is a LIST_PAGE whose first column is never NULL; `parameters` are those before size and page.
template <typename T>
Task<Page<T>> list_page(
    pg::Session& db,
    const char* list,
    pg::Params parameters,
    PageRequest request,
    T (*read)(const pg::Row&)) {
  parameters.push_back(pg::param(request.size));
  parameters.push_back(request.number ? pg::param(*request.number) : pg::Param());
  const pg::Result rows = co_await db.query(list, std::move(parameters));
  Page<T> page;
  page.count = rows[0].get<std::int64_t>(rows.columns() - 1);
  if (rows[0].is_null(0)) co_return page;
  page.items.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) page.items.push_back(read(rows[i]));
  co_return page;
}

// The same with two statements, for a `list` that takes the parameters of `count` and behind them limit and
// offset. Between them the list may change.
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
