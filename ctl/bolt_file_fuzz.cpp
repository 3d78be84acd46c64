// BoltDB files: whatever the bytes are, they are refused or read; what was read can be written without some
// keys, and that is all that changes.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "ctl/bolt_file.h"
#include "ctl/bolt_format.h"

#include <algorithm>
#include <optional>

namespace deis::ctl {
namespace {

std::optional<BoltFile> read(std::string_view bytes) {
  try {
    return BoltFile::parse(bytes);
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    return std::nullopt;
  }
}

void put_into(std::string& file, const BoltWrite& write) {
  file.resize(std::max<std::size_t>(file.size(), write.offset + write.bytes.size()));
  file.replace(write.offset, write.bytes.size(), write.bytes);
}

void check(const std::string& bytes) {
  const auto file = read(bytes);
  if (!file) return;
  const auto unwanted = [](const std::string& key) { return key.size() % 2 == 1; };
  auto kept = file->entries();
  std::erase_if(kept, [&](const auto& entry) { return unwanted(entry.key); });
  auto changed = bytes;
  const auto transaction = file->without(unwanted);
  for (const auto& page : transaction.pages) put_into(changed, page);
  const auto not_yet = read(changed);
  FUZZ_REQUIRE(not_yet && not_yet->entries() == file->entries());
  put_into(changed, transaction.meta);
  const auto after = read(changed);
  FUZZ_REQUIRE(after && after->entries() == kept && after->bucket() == file->bucket());
}

// No chance finds the checksum that belongs to a changed meta page.
void sign_meta(std::string& bytes, std::size_t offset) {
  const auto begin = offset + bolt::kHeaderSize;
  if (bytes.size() < begin + bolt::kMetaSize) return;
  const auto sum = bolt::checksum(std::string_view(bytes).substr(begin, bolt::kChecksumAt));
  bolt::store(bytes, begin + bolt::kChecksumAt, sum);
}

DEIS_FUZZ(bolt_file) {
  std::string bytes(input);
  check(bytes);
  sign_meta(bytes, 0);
  sign_meta(bytes, 4096);
  check(bytes);
}

}  // namespace
}  // namespace deis::ctl
