// Repositories on a real file system, with a real git.

#include "builder/repositories_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>

namespace deis::builder {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

using test::Place;

const AppId kShop = AppId::parse("shop");

CO_TEST(Repositories, AreMadeListedAndRemoved) {
  Place place(co_await asio::this_coro::executor);
  co_await place.repositories.prepare(kShop, in(9s));
  EXPECT_TRUE(place.has("shop.git/HEAD"));
  place.write("Not An App.git/HEAD");
  const std::vector<AppId> apps = co_await place.repositories.all();
  EXPECT_EQ(apps, std::vector<AppId>{kShop});
  co_await place.repositories.erase(kShop, in(9s));
  EXPECT_FALSE(place.has("shop.git"));
  EXPECT_FALSE(place.has("shop.removed"));
  co_await place.repositories.erase(kShop, in(9s));
}

CO_TEST(Repositories, AreRemovedThoughAnEarlierRemovalOfTheirNameWasKilled) {
  Place place(co_await asio::this_coro::executor);
  place.write("shop.removed/objects/ab/cdef");
  co_await place.repositories.prepare(kShop, in(9s));
  co_await place.repositories.erase(kShop, in(9s));
  EXPECT_FALSE(place.has("shop.git"));
  EXPECT_FALSE(place.has("shop.removed"));
}

CO_TEST(Repositories, LoseWhatKilledRemovalsAndPushesHaveLeft) {
  Place place(co_await asio::this_coro::executor);
  place.write("gone.removed/objects/ab/cdef");
  co_await place.repositories.prepare(kShop, in(9s));
  place.write("shop.git/objects/tmp_objdir-incoming-Wz1tRe/pack/tmp_pack_1");
  place.write("shop.git/objects/incoming-0aB1cD/ab/cdef");
  place.write("shop.git/objects/ab/cdef");
  co_await place.repositories.remove_leftovers(in(9s));
  EXPECT_FALSE(place.has("gone.removed"));
  EXPECT_FALSE(place.has("shop.git/objects/tmp_objdir-incoming-Wz1tRe"));
  EXPECT_FALSE(place.has("shop.git/objects/incoming-0aB1cD"));
  EXPECT_TRUE(place.has("shop.git/objects/ab/cdef"));
}

CO_TEST(Repositories, LoseTheQuarantineOfADeclinedPushAndNothingElse) {
  Place place(co_await asio::this_coro::executor);
  co_await place.repositories.prepare(kShop, in(9s));
  place.write("shop.git/objects/tmp_objdir-incoming-Wz1tRe/ab/cdef");
  place.write("shop.git/objects/tmp_objdir-incoming-another/ab/cdef");
  for (const char* objects : {"tmp_objdir-incoming-Wz1tRe", "ab", "../objects/pack"}) {
    const std::string path = place.root / "shop.git/objects" / objects;
    const Repositories::Commit commit{kShop, std::string(40, 'a'), path};
    co_await place.repositories.remove_quarantine(commit, in(9s));
  }
  EXPECT_FALSE(place.has("shop.git/objects/tmp_objdir-incoming-Wz1tRe"));
  EXPECT_TRUE(place.has("shop.git/objects/tmp_objdir-incoming-another"));
  EXPECT_TRUE(place.has("shop.git/objects/pack"));
}

CO_TEST(Repositories, ThatCannotBeRemovedInTimeAreAnErrorAndNotAnEnd) {
  Place place(co_await asio::this_coro::executor);
  co_await place.repositories.prepare(kShop, in(9s));
  ErrorCode code = ErrorCode::internal;
  try {
    co_await place.repositories.erase(kShop, in(-1s));
  } catch (const Error& error) {
    code = error.code();
  }
  EXPECT_EQ(code, ErrorCode::timeout);
}

CO_TEST(Repositories, ThatCannotBeReadAreAnErrorOfOurs) {
  Place place(co_await asio::this_coro::executor);
  fs::remove_all(place.root);
  bool told = false;
  try {
    co_await place.repositories.all();
  } catch (const Error& error) {
    told = error.code() == ErrorCode::internal;
  }
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace deis::builder
