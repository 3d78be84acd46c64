#include "controller/domain/ssh_key.h"

#include "controller/domain/ssh_blob.h"
#include "controller/domain/validation.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <openssl/evp.h>

#include <array>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumLength = 16 * 1024;

Error invalid(const std::string& message) {
  return Error(ErrorCode::invalid, "public", message);
}

std::string md5_fingerprint(std::string_view blob) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(blob.data(), blob.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) {
    throw Error(ErrorCode::internal, "cannot compute the MD5 fingerprint of a key");
  }
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    const char byte = static_cast<char>(digest[i]);
    text += (i == 0 ? "" : ":") + hex_encode(std::string_view(&byte, 1));
  }
  return text;
}

}  // namespace

SshKey parse_ssh_key(std::string_view text) {
  check_text("public", text, kMaximumLength, Lines::many);
  const std::string_view line = trim(text);
  // A second line would become a second entry of authorized_keys.
  if (line.find_first_of("\r\n") != std::string_view::npos) throw invalid("Give one key on one line.");
  const auto type_end = line.find_first_of(" \t");
  if (type_end == std::string_view::npos) throw invalid("A public key is '<type> <base64 text> [comment]'.");
  const std::string_view type = line.substr(0, type_end);
  const std::string_view rest = trim(line.substr(type_end));
  const auto blob = base64_decode(rest.substr(0, rest.find_first_of(" \t")));
  if (!blob) throw invalid("Incorrect padding");
  if (ssh_type_inside(*blob) != type) throw invalid("This is not a public SSH key.");
  if (!is_ssh_key_type(type)) throw invalid("This type of SSH key is not supported.");
  const std::string problem = ssh_blob_problem(*blob);
  if (!problem.empty()) throw invalid(problem);
  return SshKey{.type = std::string(type), .blob = *blob, .fingerprint = md5_fingerprint(*blob)};
}

}  // namespace deis::controller
