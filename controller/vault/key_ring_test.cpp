#include "controller/vault/key_ring.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/component/durable_file.h"

#include <gmock/gmock.h>

#include <functional>
#include <sys/stat.h>

namespace deis::controller {
namespace {

class KeyFileTest : public testing::Test {
 protected:
  KeyFileTest() { std::filesystem::create_directory(directory_); }
  ~KeyFileTest() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("deis-keys-" + random_hex(8));
  const KeyFile file_{directory_};
};

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(KeyRing, IsReadBackAsItWasWritten) {
  const KeyRing ring = KeyRing().with(make_master_key()).with(make_master_key());
  const KeyRing again = parse_ring(ring_text(ring));
  ASSERT_EQ(again.keys.size(), 2u);
  for (int i : {0, 1}) {
    EXPECT_EQ(again.keys[i].id, ring.keys[i].id);
    EXPECT_EQ(again.keys[i].secret, ring.keys[i].secret);
    EXPECT_EQ(again.keys[i].secret.size(), 32u);
  }
  EXPECT_TRUE(again.has(ring.keys[0].id));
  EXPECT_FALSE(again.without(ring.keys[0].id).has(ring.keys[0].id));
}

TEST(KeyRing, TakesNoKeyThatIsNotTheOneItSays) {
  const KeyRing one = KeyRing().with(make_master_key()), two = KeyRing().with(make_master_key());
  KeyRing mixed = one;
  mixed.keys[0].secret = two.keys[0].secret;
  EXPECT_THAT(message_of([&] { parse_ring(ring_text(mixed)); }), testing::HasSubstr(one.keys[0].id));
  mixed.keys[0].secret = "short";
  EXPECT_THROW(parse_ring(ring_text(mixed)), Error);
  for (const char* text : {"", "{}", R"({"keys":[]})", R"({"keys":[{}]})", "nonsense"}) {
    EXPECT_THROW(parse_ring(text), Error) << text;
  }
}

TEST_F(KeyFileTest, IsMadeOnceAndForItsOwnerOnly) {
  EXPECT_FALSE(file_.read());
  const KeyRing first = KeyRing().with(make_master_key()), second = KeyRing().with(make_master_key());
  EXPECT_TRUE(file_.create(first));
  EXPECT_FALSE(file_.create(second));
  EXPECT_EQ(file_.read()->keys.front().id, first.keys.front().id);
  struct stat status{};
  ASSERT_EQ(::stat(file_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(KeyFileTest, ThatIsDamagedIsNoFirstStart) {
  component::write_durably(file_.path(), "");
  EXPECT_THAT(message_of([&] { file_.read(); }), testing::HasSubstr(file_.path().string()));
  EXPECT_FALSE(file_.create(KeyRing().with(make_master_key())));
}

TEST(KeyFile, WithoutItsDirectoryIsNoFirstStartEither) {
  const KeyFile file("/nonexistent/deis");
  EXPECT_THAT(message_of([&] { file.read(); }), testing::HasSubstr("mounted"));
  EXPECT_THAT(
      message_of([&] { file.create(KeyRing().with(make_master_key())); }), testing::HasSubstr("mounted"));
}

}  // namespace
}  // namespace deis::controller
