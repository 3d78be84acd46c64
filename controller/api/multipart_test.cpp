#include "controller/api/multipart.h"

#include "core/base/error.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr auto kType = "multipart/form-data; boundary=\"a b\"; charset=utf-8";

std::string part(const std::string& head, const std::string& content) {
  return "--a b\r\n" + head + "\r\n\r\n" + content + "\r\n";
}

TEST(Multipart, IsNamesAndContents) {
  const std::string body =
      "ignored\r\n" + part("Content-Disposition: form-data; name=\"username\"", "ann") +
      part(
          "Content-Type: text/plain\r\ncontent-disposition: form-data; filename=\"k; x\"; name=key",
          "one\r\ntwo\r\n") +
      part("Content-Disposition: form-data; name=\"a\\\"b\"", "") + "--a b--\r\nignored";
  EXPECT_THAT(
      parse_multipart(kType, body),
      ElementsAre(Pair("username", "ann"), Pair("key", "one\r\ntwo\r\n"), Pair("a\"b", "")));
}

TEST(Multipart, MayHoldNothing) {
  EXPECT_TRUE(parse_multipart("multipart/form-data; boundary=x", "--x--").empty());
}

TEST(Multipart, ThatIsBrokenIsRefused) {
  const std::string good = part("Content-Disposition: form-data; name=\"a\"", "1");
  for (const std::string& body :
       {std::string("username=ann"),
        good,                                               // the end is missing
        good + "--a b",                                     //
        part("Content-Type: text/plain", "1") + "--a b--",  // without a name
        std::string("--a b\r\n\r\nx\r\n--a b--"),           // without a head
        std::string("--a b\r\nContent-Disposition: form-data; name=\"a\"\r\n--a b--"),
        std::string("--a b--x").substr(0, 5) + "x\r\n\r\n--a b--"}) {
    EXPECT_THROW(parse_multipart(kType, body), Error) << body;
  }
  EXPECT_THROW(parse_multipart("multipart/form-data", good + "--a b--"), Error);
  EXPECT_THROW(parse_multipart("multipart/form-data; boundary=" + std::string(71, 'x'), good), Error);
}

}  // namespace
}  // namespace deis::controller::api
