#include "cli/public_key.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace deis::cli {
namespace {

constexpr std::array kTypes{
    std::string_view("ssh-rsa"),
    std::string_view("ssh-dss"),
    std::string_view("ssh-ed25519"),
    std::string_view("ecdsa-"),
    std::string_view("sk-ssh-ed25519@openssh.com"),
    std::string_view("sk-ecdsa-")};

bool is_type(std::string_view text) {
  return std::ranges::any_of(kTypes, [&](std::string_view type) {
    return type.ends_with('-') ? text.starts_with(type) : text == type;
  });
}

}  // namespace

PublicKey read_public_key(const std::string& content, const std::string& file_name) {
  if (content.find("PRIVATE KEY-----") != std::string::npos) {
    throw Error(
        ErrorCode::invalid,
        file_name + " is a private key: it stays here; upload the file that ends in .pub");
  }
  const std::string text(trim(content));
  const auto type_end = text.find(' ');
  const auto blob_end = type_end == std::string::npos ? type_end : text.find(' ', type_end + 1);
  const bool one_line = text.find('\n') == std::string::npos;
  if (type_end == std::string::npos || !one_line || !is_type(std::string_view(text).substr(0, type_end)))
    throw Error(ErrorCode::invalid, file_name + " is not an SSH public key");
  const std::string comment(
      blob_end == std::string::npos ? "" : trim(std::string_view(text).substr(blob_end)));
  return {comment.empty() ? file_name.substr(0, file_name.find('.')) : comment, text};
}

std::string shortened(const std::string& public_key) {
  const std::string text(trim(public_key));
  return text.substr(0, 16) + "..." + text.substr(text.size() < 10 ? 0 : text.size() - 10);
}

}  // namespace deis::cli
