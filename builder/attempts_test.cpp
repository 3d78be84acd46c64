#include "builder/attempts.h"

#include "builder/repositories_fixture.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>

namespace deis::builder {
namespace {

CO_TEST(Attempts, AreThereUntilTheyAreRemoved) {
  test::Place place(co_await asio::this_coro::executor);
  Attempts attempts(place.workers, place.root / "attempts");
  const AppId shop = AppId::parse("shop");
  Attempt attempt{
      .app = shop, .sha = std::string(40, 'a'), .image = Image{"localhost:5000/shop", "git-aaaaaaaa"}};
  co_await attempts.write(attempt);
  attempt.layers = {"bbbbbbbbbbbb", "aaaaaaaaaaaa"};
  attempt.image.existed = attempt.launching = true;
  co_await attempts.write(attempt);
  place.write("attempts/shop.json.half", "{");

  Attempts next(place.workers, place.root / "attempts");
  const std::vector<Attempt> left = co_await next.all();
  CO_ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].app, shop);
  EXPECT_EQ(left[0].sha, attempt.sha);
  EXPECT_EQ(left[0].image.reference(), "localhost:5000/shop:git-aaaaaaaa");
  EXPECT_EQ(left[0].layers, attempt.layers);
  EXPECT_TRUE(left[0].image.existed && left[0].launching);

  co_await next.remove(shop);
  co_await next.remove(shop);
  const std::vector<Attempt> none = co_await next.all();
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace deis::builder
