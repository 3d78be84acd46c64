#include "ctl/images.h"

#include "core/base/error.h"

#include <gmock/gmock.h>

namespace deis::ctl {
namespace {

TEST(ImageManifest, NamesOneImagePerLine) {
  const auto images =
      parse_manifest("# made by images/build\nrouter deis/router:0a1b\n\netcd deis/etcd:77\n");
  EXPECT_THAT(
      images,
      testing::ElementsAre(
          testing::Pair("etcd", "deis/etcd:77"), testing::Pair("router", "deis/router:0a1b")));
}

TEST(ImageManifest, LineThatIsNotAPairIsRefusedWithItsNumber) {
  try {
    parse_manifest("router deis/router:1\nrouter\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("line 2"));
  }
}

TEST(ImageManifest, UnknownComponentIsRefused) {
  EXPECT_THROW(parse_manifest("rooter deis/router:1\n"), Error);
}

TEST(ImageManifest, AbsentFileIsAnErrorThatSaysHowToMakeOne) {
  try {
    read_manifest("/nowhere/images");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_THAT(error.what(), testing::HasSubstr("images/build"));
  }
}

}  // namespace
}  // namespace deis::ctl
