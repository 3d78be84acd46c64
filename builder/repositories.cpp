#include "builder/repositories.h"

#include "builder/repository_files.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <unistd.h>

namespace deis::builder {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kOldestPush = 24h;  // what is older is of one that was killed

Repositories::Repositories(Executor executor, net::WorkerPool& workers, fs::path root, Account git)
    : executor_(std::move(executor)), workers_(workers), root_(std::move(root)), account_(git) {
  fs::create_directories(root_);
  if (::chown(root_.c_str(), account_.uid, account_.gid) != 0)
    throw Error(ErrorCode::internal, "cannot give " + root_.string() + " to git");
}

fs::path Repositories::path_of(const AppId& app) const {
  return root_ / (app.str() + ".git");
}

process::Command Repositories::git(
    std::vector<std::string> arguments, const AppId& app, const std::string& objects) const {
  process::Command command;
  command.argv = {"git"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.uid = account_.uid;
  command.gid = account_.gid;
  command.directory = root_;
  const std::string repository = path_of(app);
  command.env = {
      {"PATH", "/usr/bin:/bin"},
      {"HOME", "/nonexistent"},
      {"GIT_DIR", repository},
      {"GIT_CONFIG_NOSYSTEM", "1"}};
  if (!objects.empty()) {
    const fs::path inside = fs::path(objects).lexically_normal();
    if (!inside.string().starts_with(repository + "/objects"))
      throw Error(ErrorCode::invalid, "git named an object directory outside of the repository");
    command.env.emplace_back("GIT_OBJECT_DIRECTORY", inside);
    command.env.emplace_back("GIT_ALTERNATE_OBJECT_DIRECTORIES", repository + "/objects");
  }
  return command;
}

Task<> Repositories::prepare(AppId app, Deadline deadline) {
  const fs::path path = path_of(app);
  const auto whole = std::make_shared<bool>();
  std::function<void()> look = [path, whole] { *whole = repository_files::is_whole(path); };
  co_await workers_.run(std::move(look));
  if (*whole) co_return;
  process::Command init =
      git({"init", "--quiet", "--bare", "--initial-branch=master", path.string()}, app, "");
  std::erase_if(init.env, [](const auto& entry) { return entry.first == "GIT_DIR"; });
  co_await process::check_output(executor_, std::move(init), deadline);
}

Task<> Repositories::erase(AppId app, Deadline deadline) {
  std::function<void()> work = [root = root_, app, deadline] {
    repository_files::erase(root, app, deadline);
  };
  co_await workers_.run(std::move(work));
}

Task<std::vector<AppId>> Repositories::all() {
  const auto apps = std::make_shared<std::vector<AppId>>();
  std::function<void()> work = [root = root_, apps] { *apps = repository_files::list(root); };
  co_await workers_.run(std::move(work));
  co_return std::move(*apps);
}

Task<> Repositories::finish_removals(Deadline deadline) {
  std::function<void()> work = [root = root_, deadline] {
    repository_files::finish_removals(root, deadline);
  };
  co_await workers_.run(std::move(work));
}

Task<> Repositories::remove_leftovers(Deadline deadline) {
  std::function<void()> work = [root = root_, deadline] {
    repository_files::finish_removals(root, deadline);
    for (const AppId& app : repository_files::list(root))
      repository_files::remove_quarantines(root / (app.str() + ".git"), 0s, deadline);
  };
  co_await workers_.run(std::move(work));
}

Task<std::optional<std::string>> Repositories::read_file(Commit commit, std::string name, Deadline deadline) {
  process::Command show = git({"cat-file", "blob", commit.sha + ":" + name}, commit.app, commit.objects);
  const process::Output output = co_await process::run(executor_, std::move(show), "", deadline);
  if (!output.exit.ok()) co_return std::nullopt;
  co_return output.out;
}

namespace {

// `git archive` as a body: started at the first piece, its exit code judged at the last.
class Archive {
 public:
  Archive(Executor executor, process::Command command, std::size_t max_bytes, Deadline deadline)
      : executor_(std::move(executor)),
        command_(std::move(command)),
        max_bytes_(max_bytes),
        deadline_(deadline) {}

  Task<std::string> next() {
    if (!process_)
      process_ = std::make_unique<process::Process>(process::Process::start(executor_, command_));
    std::string piece(64 * 1024, '\0');
    const std::size_t count = co_await process_->out().read_some(piece.data(), piece.size(), deadline_);
    if (count == 0) {
      const process::Exit exit = co_await process_->wait();
      if (!exit.ok())
        throw Error(ErrorCode::internal, "git archive failed: the pushed commit cannot be read");
    }
    total_ += count;
    if (total_ > max_bytes_) {
      throw Error(
          ErrorCode::too_large, fmt::format("the repository is larger than {} MiB", max_bytes_ >> 20));
    }
    piece.resize(count);
    co_return piece;
  }

 private:
  Executor executor_;
  process::Command command_;
  std::size_t max_bytes_, total_ = 0;
  Deadline deadline_;
  std::unique_ptr<process::Process> process_;
};

}  // namespace

net::BodySource Repositories::archive(Commit commit, std::size_t max_bytes, Deadline deadline) {
  process::Command command = git({"archive", "--format=tar", commit.sha}, commit.app, commit.objects);
  command.out = process::Command::Output::pipe;
  auto archive = std::make_shared<Archive>(executor_, std::move(command), max_bytes, deadline);
  return [archive] { return archive->next(); };
}

Task<> Repositories::remove_quarantine(Commit commit, Deadline deadline) {
  std::function<void()> work = [path = path_of(commit.app), objects = commit.objects, deadline] {
    repository_files::remove_quarantine(path, objects, deadline);
  };
  co_await workers_.run(std::move(work));
}

Task<> Repositories::collect_garbage(AppId app, Deadline deadline) {
  const auto is_pushed_to = std::make_shared<bool>();
  std::function<void()> look = [path = path_of(app), is_pushed_to, deadline] {
    repository_files::remove_quarantines(path, kOldestPush, deadline);
    *is_pushed_to = repository_files::has_quarantine(path);
  };
  co_await workers_.run(std::move(look));
  if (*is_pushed_to) co_return;
  // By itself git would go on in the background. --force: the lock of a killed one counts for hours, and
  // nobody else collects here.
  process::Command gc = git(
      {"-c", "gc.autoDetach=false", "-c", "pack.threads=1", "gc", "--auto", "--force", "--quiet"}, app, "");
  const std::vector<std::string> behind_everything_else{"nice", "-n", "19"};
  gc.argv.insert(gc.argv.begin(), behind_everything_else.begin(), behind_everything_else.end());
  gc.own_group = true;  // it has children, who shall end with it
  co_await process::check_output(executor_, std::move(gc), deadline);
}

}  // namespace deis::builder
