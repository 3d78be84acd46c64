// Housekeeping with a real git.

#include "builder/housekeeper.h"

#include "builder/repositories_fixture.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::builder {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const AppId kPushed = AppId::parse("pushed");

Task<> import_commit(const test::Place& place, std::string branch) {
  process::Command import;
  const std::string repository = place.root / "pushed.git";
  import.argv = {"git", "-C", repository, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"};
  std::string commit = fmt::format(
      "commit refs/heads/{0}\ncommitter A <a@example.com> 0 +0000\ndata 1\nx\nM 644 inline {0}\ndata 1\nx\n",
      branch);
  const Executor executor = co_await asio::this_coro::executor;
  const process::Output done = co_await process::run(executor, std::move(import), std::move(commit), in(9s));
  EXPECT_TRUE(done.exit.ok()) << done.err;
}

// A repository of two packs, of which git thinks that they are too many.
Task<> fill(test::Place& place) {
  co_await place.repositories.prepare(kPushed, in(9s));
  place.write(
      "pushed.git/config",
      "[core]\n\tbare = true\n\trepositoryformatversion = 0\n[gc]\n\tautoPackLimit = 1\n");
  co_await import_commit(place, "one");
  co_await import_commit(place, "two");
}

bool is_packed(const test::Place& place) {
  int packs = 0;
  for (const auto& entry : fs::directory_iterator(place.root / "pushed.git/objects/pack"))
    packs += entry.path().extension() == ".pack" ? 1 : 0;
  return packs == 1;
}

// Git asks this hook before it begins: as long as it runs, so does the housekeeping.
void hold_up(const test::Place& place) {
  place.write("pushed.git/hooks/pre-auto-gc", "#!/bin/sh\necho $$ >\"$GIT_DIR/began\"\nexec sleep 1000\n");
  fs::permissions(place.root / "pushed.git/hooks/pre-auto-gc", fs::perms::owner_all);
}

int pid_of_hook(const test::Place& place) {
  std::ifstream file(place.root / "pushed.git/began");
  int pid = 0;
  file >> pid;
  return pid;
}

// A zombie does not: it has no program.
bool runs(int pid) {
  std::error_code none;
  return !fs::read_symlink(fmt::format("/proc/{}/exe", pid), none).empty();
}

CO_TEST(Housekeeper, PacksARepositoryAfterAPush) {
  const Executor executor = co_await asio::this_coro::executor;
  test::Place place(executor);
  co_await fill(place);
  EXPECT_FALSE(is_packed(place));
  Housekeeper housekeeper(executor, place.repositories, Log::silent());
  net::TaskGroup group(executor);
  group.spawn(housekeeper.run());
  housekeeper.note(kPushed);
  auto packed = [&place] { return is_packed(place) && !place.has("pushed.git/gc.pid"); };
  co_await net::eventually(std::move(packed), "the objects are packed");
  group.cancel();
  co_await group.join();
}

CO_TEST(Housekeeper, MakesWayForAPushAndGoesOnAfterIt) {
  const Executor executor = co_await asio::this_coro::executor;
  test::Place place(executor);
  co_await fill(place);
  hold_up(place);
  Housekeeper housekeeper(executor, place.repositories, Log::silent());
  net::TaskGroup group(executor);
  group.spawn(housekeeper.run());
  housekeeper.note(kPushed);
  auto began = [&place] { return pid_of_hook(place) > 0; };
  co_await net::eventually(std::move(began), "git is at work");
  co_await housekeeper.make_way(AppId::parse("other"));
  EXPECT_TRUE(runs(pid_of_hook(place)));
  co_await housekeeper.make_way(kPushed);
  auto ended = [&place] { return !runs(pid_of_hook(place)); };
  co_await net::eventually(std::move(ended), "what git had started has ended, too");
  fs::remove(place.root / "pushed.git/hooks/pre-auto-gc");
  housekeeper.note(kPushed);
  auto packed = [&place] { return is_packed(place); };
  co_await net::eventually(std::move(packed), "the objects are packed");
  group.cancel();
  co_await group.join();
}

CO_TEST(Housekeeper, LeavesARepositoryAloneThatIsPushedTo) {
  const Executor executor = co_await asio::this_coro::executor;
  test::Place place(executor);
  co_await fill(place);
  place.write("pushed.git/objects/tmp_objdir-incoming-Wz1tRe/pack/tmp_pack_1");
  co_await place.repositories.collect_garbage(kPushed, in(9s));
  EXPECT_FALSE(is_packed(place));
  EXPECT_TRUE(place.has("pushed.git/objects/tmp_objdir-incoming-Wz1tRe"));
  fs::last_write_time(
      place.root / "pushed.git/objects/tmp_objdir-incoming-Wz1tRe",
      fs::file_time_type::clock::now() - std::chrono::hours(48));
  co_await place.repositories.collect_garbage(kPushed, in(9s));
  EXPECT_TRUE(is_packed(place));
  EXPECT_FALSE(place.has("pushed.git/objects/tmp_objdir-incoming-Wz1tRe"));
}

}  // namespace
}  // namespace deis::builder
