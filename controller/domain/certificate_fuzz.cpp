// Certificates and keys: what is taken can be written and taken again, and is what it says it is.
#include "controller/domain/certificate_parser.h"
#include "core/base/error.h"
#include "core/base/fuzz.h"

namespace deis::controller {
namespace {

template <typename Read>
bool accepted(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid && !error.field().empty());
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 500);
    return false;
  }
}

void try_chain(const std::string& pem) {
  std::vector<X509Pointer> chain;
  if (!accepted([&] { chain = parse_chain(pem); })) return;
  FUZZ_REQUIRE(!chain.empty());
  accepted([&] { expiry_of(chain.front()); });
  const std::string name = common_name_of(chain.front());
  const auto names = names_of(chain.front());
  const std::string text = chain_pem(chain);
  FUZZ_REQUIRE(accepted([&] {
    const auto again = parse_chain(text);
    FUZZ_REQUIRE(chain_pem(again) == text && common_name_of(again.front()) == name);
    FUZZ_REQUIRE(names_of(again.front()) == names);
  }));
}

void try_key(const std::string& pem) {
  std::string text;
  if (!accepted([&] { text = key_pem(parse_private_key(pem)); })) return;
  FUZZ_REQUIRE(accepted([&] { FUZZ_REQUIRE(key_pem(parse_private_key(text)) == text); }));
}

DEIS_FUZZ(certificate) {
  const std::string pem(input);
  try_chain(pem);
  try_key(pem);
}

}  // namespace
}  // namespace deis::controller
