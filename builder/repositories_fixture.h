#pragma once
// For tests: Repositories in a temporary directory, as the account that runs the test.

#include "builder/repositories.h"
#include "core/base/error.h"

#include <fstream>
#include <unistd.h>

namespace deis::builder::test {

class Place {
 public:
  explicit Place(Executor executor) : repositories(executor, workers, make(), {::geteuid(), ::getegid()}) {}
  ~Place() { std::filesystem::remove_all(root); }

  void write(const std::string& name, const std::string& text = "x") const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name) << text;
  }
  bool has(const std::string& name) const { return std::filesystem::exists(root / name); }

  std::filesystem::path root;
  net::WorkerPool workers{1};
  Repositories repositories;

 private:
  std::filesystem::path make() {
    std::string name = std::filesystem::temp_directory_path() / "deis-repositories-XXXXXX";
    if (!::mkdtemp(name.data())) throw Error(ErrorCode::internal, "no temporary directory");
    return root = name;
  }
};

}  // namespace deis::builder::test
