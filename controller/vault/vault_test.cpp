#include "controller/vault/vault.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <gmock/gmock.h>

#include <functional>

namespace deis::controller {
namespace {

KeyRing ring_of(int count) {
  KeyRing ring;
  for (int i = 0; i < count; ++i) ring = ring.with(make_master_key());
  return ring;
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::canceled;  // stands for: no failure
}

TEST(Vault, OpensWhatItSealed) {
  Vault vault;
  vault.use(ring_of(1));
  for (const std::string& secret : {std::string(), std::string("a\0b", 3), std::string(1'000'000, 'x')}) {
    const Sealed sealed = vault.seal("here", secret);
    EXPECT_EQ(sealed.key, vault.newest());
    EXPECT_EQ(vault.open("here", sealed), secret);
  }
}

TEST(Vault, SealsTheSameSecretEachTimeAnew) {
  Vault vault;
  vault.use(ring_of(1));
  EXPECT_NE(vault.seal("here", "secret").text, vault.seal("here", "secret").text);
}

TEST(Vault, OpensNothingInAnotherPlace) {
  Vault vault;
  vault.use(ring_of(1));
  const Sealed sealed = vault.seal("configs.values shop 1", "secret");
  EXPECT_EQ(code_of([&] { vault.open("configs.values shop 2", sealed); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { vault.open("", sealed); }), ErrorCode::internal);
}

TEST(Vault, NoticesEveryChangedByte) {
  Vault vault;
  vault.use(ring_of(1));
  const Sealed sealed = vault.seal("here", "secret");
  const std::string message = base64_decode(sealed.text).value();
  for (std::size_t i = 0; i < message.size(); ++i) {
    std::string changed = message;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const Sealed forged{.key = sealed.key, .text = base64_encode(changed)};
    EXPECT_EQ(code_of([&] { vault.open("here", forged); }), ErrorCode::internal) << i;
  }
  for (const char* text : {"", "x", "AAAA"}) {
    const Sealed broken{.key = sealed.key, .text = text};
    EXPECT_EQ(code_of([&] { vault.open("here", broken); }), ErrorCode::internal) << text;
  }
}

TEST(Vault, SealsWithTheNewestKeyAndOpensWithAll) {
  const KeyRing one = ring_of(1), two = one.with(make_master_key());
  Vault vault;
  vault.use(one);
  const Sealed old = vault.seal("here", "secret");
  vault.use(two);
  EXPECT_EQ(vault.seal("here", "x").key, two.keys.back().id);
  EXPECT_EQ(vault.open("here", old), "secret");
  vault.use(two.without(one.keys.front().id));
  EXPECT_EQ(code_of([&] { vault.open("here", old); }), ErrorCode::internal);
}

TEST(Vault, TellsOfAMissingKeyWithoutTheSecret) {
  Vault vault, other;
  vault.use(ring_of(1));
  other.use(ring_of(1));
  const Sealed sealed = vault.seal("users.token ann", "hunter2");
  try {
    other.open("users.token ann", sealed);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(sealed.key));
    EXPECT_THAT(error.what(), testing::HasSubstr("users.token ann"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("hunter2")));
  }
}

TEST(Vault, IsClosedUntilItHasKeys) {
  const Vault vault;
  EXPECT_EQ(code_of([&] { vault.seal("here", "x"); }), ErrorCode::unavailable);
  EXPECT_EQ(code_of([&] { vault.open("here", Sealed()); }), ErrorCode::unavailable);
  EXPECT_EQ(code_of([&] { vault.fingerprints("x"); }), ErrorCode::unavailable);
}

TEST(Fingerprints, AreTheSameForTheSameSecretAndKeyOnly) {
  const KeyRing one = ring_of(1), two = one.with(make_master_key());
  Vault vault, later;
  vault.use(one);
  later.use(two);
  ASSERT_EQ(vault.fingerprints("a").size(), 1u);
  EXPECT_THAT(vault.fingerprints("a").front(), testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(vault.fingerprints("a"), vault.fingerprints("a"));
  EXPECT_NE(vault.fingerprints("a"), vault.fingerprints("b"));
  const auto both = later.fingerprints("a");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_NE(both[0], both[1]);
  EXPECT_EQ(both[1], vault.fingerprints("a").front());
}

}  // namespace
}  // namespace deis::controller
