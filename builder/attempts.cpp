#include "builder/attempts.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"
#include "core/json/json.h"

namespace deis::builder {
namespace fs = std::filesystem;

namespace {

struct StoredAttempt {
  std::string app, sha, repository, tag;
  bool existed = false, launching = false;
  std::vector<std::string> layers;
};
BOOST_DESCRIBE_STRUCT(StoredAttempt, (), (app, sha, repository, tag, existed, launching, layers))

std::string to_stored(const Attempt& attempt) {
  return json::to_string(StoredAttempt{
      .app = attempt.app.str(),
      .sha = attempt.sha,
      .repository = attempt.image.repository,
      .tag = attempt.image.tag,
      .existed = attempt.image.existed,
      .launching = attempt.launching,
      .layers = attempt.layers});
}

Attempt from_stored(const std::string& text) {
  auto stored = json::from<StoredAttempt>(json::parse(text));
  return Attempt{
      .app = AppId::parse(stored.app),
      .sha = stored.sha,
      .image = Image{stored.repository, stored.tag, stored.existed},
      .layers = std::move(stored.layers),
      .launching = stored.launching};
}

std::vector<Attempt> read_all(const fs::path& directory) {
  std::vector<Attempt> found;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error)
    throw Error(ErrorCode::unavailable, "cannot list " + directory.string() + ": " + error.message());
  for (const auto& entry : entries) {
    if (entry.path().extension() != ".json") continue;  // one that was being written
    if (const auto text = component::read_file(entry.path())) found.push_back(from_stored(*text));
  }
  return found;
}

}  // namespace

Attempts::Attempts(net::WorkerPool& workers, fs::path directory)
    : workers_(workers), directory_(std::move(directory)) {
  fs::create_directories(directory_);
}

fs::path Attempts::path_of(const AppId& app) const {
  return directory_ / (app.str() + ".json");
}

Task<> Attempts::write(Attempt attempt) {
  std::function<void()> work = [path = path_of(attempt.app), text = to_stored(attempt)] {
    component::write_durably(path, text);
  };
  co_await workers_.run(std::move(work));
}

Task<> Attempts::remove(AppId app) {
  std::function<void()> work = [path = path_of(app)] {
    std::error_code error;
    fs::remove(path, error);
    if (error) throw Error(ErrorCode::unavailable, "cannot remove " + path.string() + ": " + error.message());
  };
  co_await workers_.run(std::move(work));
}

Task<std::vector<Attempt>> Attempts::all() {
  const auto found = std::make_shared<std::vector<Attempt>>();
  std::function<void()> work = [directory = directory_, found] { *found = read_all(directory); };
  co_await workers_.run(std::move(work));
  co_return std::move(*found);
}

}  // namespace deis::builder
