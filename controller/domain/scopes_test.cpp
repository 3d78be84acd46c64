#include "controller/domain/scopes.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TEST(Scopes, IncludeWhatIsBelowThem) {
  EXPECT_TRUE(allows({"read"}, Scope::read));
  EXPECT_FALSE(allows({"read"}, Scope::deploy));
  EXPECT_TRUE(allows({"deploy"}, Scope::read));
  EXPECT_TRUE(allows({"deploy"}, Scope::deploy));
  EXPECT_FALSE(allows({"deploy"}, Scope::admin));
  EXPECT_TRUE(allows({"read", "admin"}, Scope::deploy));
}

TEST(Scopes, NeverReachWhatOnlyALoginMay) {
  EXPECT_FALSE(allows({"read", "deploy", "admin"}, Scope::session));
}

TEST(Scopes, NoScopesAllowNothingButPublicRoutes) {
  EXPECT_FALSE(allows({}, Scope::read));
  EXPECT_TRUE(allows({}, Scope::none));
}

TEST(Scopes, OtherWordsAreRefused) {
  for (const char* word : {"", "Read", "session", "none", "write", "admin "}) {
    EXPECT_THROW(parse_scope(word), Error) << word;
  }
  EXPECT_EQ(parse_scope("deploy"), Scope::deploy);
  EXPECT_EQ(name_of(Scope::deploy), "deploy");
}

}  // namespace
}  // namespace deis::controller
