// Procfiles: whatever YAML makes of the bytes, only types and commands that the platform can take come out.
#include "builder/procfile.h"
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace deis::builder {
namespace {

DEIS_FUZZ(procfile) {
  std::map<std::string, std::string> procfile;
  try {
    procfile = parse_procfile(std::string(input));
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 600);
    FUZZ_REQUIRE(is_valid_utf8(error.what()));
    return;
  }
  FUZZ_REQUIRE(procfile.size() <= 100);
  for (const auto& [type, command] : procfile) {
    FUZZ_REQUIRE(ProcessType::parse(type).str() == type);
    FUZZ_REQUIRE(is_valid_utf8(command) && !trim(command).empty());
    FUZZ_REQUIRE(command.find('\0') == std::string::npos);
  }
}

}  // namespace
}  // namespace deis::builder
