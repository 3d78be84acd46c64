#include "controller/domain/ssh_blob.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <array>
#include <bit>
#include <memory>
#include <optional>

namespace deis::controller {
namespace {

constexpr std::size_t kMinimumRsaBits = 1024;  // sshd refuses shorter ones
constexpr std::size_t kMaximumRsaBits = 16384;
constexpr std::size_t kEd25519Bytes = 32;
constexpr auto kBroken = "This is not a public SSH key.";

// Reads the strings of the SSH protocol (RFC 4251 §5): four bytes of length, then the content.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::string_view> string() {
    if (rest_.size() < 4) return std::nullopt;
    std::size_t length = 0;
    for (const char c : rest_.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(c);
    if (length > rest_.size() - 4) return std::nullopt;
    const std::string_view content = rest_.substr(4, length);
    rest_.remove_prefix(4 + length);
    return content;
  }

  // The bits of a positive number in its shortest form; nullopt when it is not one.
  std::optional<std::size_t> positive_number() {
    const auto bytes = string();
    if (!bytes || bytes->empty()) return std::nullopt;
    std::string_view digits = *bytes;
    const auto top = [&] { return static_cast<unsigned char>(digits.front()); };
    if (top() & 0x80) return std::nullopt;  // negative
    if (top() == 0) {
      digits.remove_prefix(1);
      if (digits.empty() || !(top() & 0x80)) return std::nullopt;
    }
    return (digits.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(unsigned{top()}));
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string rsa_problem(Reader& reader) {
  const auto exponent = reader.positive_number(), modulus = reader.positive_number();
  if (!exponent || !modulus || !reader.at_end()) return kBroken;
  if (*modulus < kMinimumRsaBits) return "RSA keys of less than 1024 bits are not accepted.";
  return *modulus > kMaximumRsaBits ? "RSA keys of more than 16384 bits are not accepted." : "";
}

std::string dsa_problem(Reader& reader) {
  for (int i = 0; i < 4; ++i) {
    if (!reader.positive_number()) return kBroken;
  }
  return reader.at_end() ? "" : kBroken;
}

bool is_ed25519_point(Reader& reader) {
  const auto point = reader.string();
  return point && point->size() == kEd25519Bytes;
}

bool is_on_curve(std::string_view point, int curve) {
  const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(
      EC_GROUP_new_by_curve_name(curve), EC_GROUP_free);
  if (!group || point.empty() || point.front() != 4) return false;  // uncompressed: all that ssh knows
  const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> parsed(EC_POINT_new(group.get()), EC_POINT_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(point.data());
  return parsed && EC_POINT_oct2point(group.get(), parsed.get(), bytes, point.size(), nullptr) == 1;
}

struct Curve {
  std::string_view name;
  int nid;
};
constexpr std::array<Curve, 3> kCurves = {
    {{"nistp256", NID_X9_62_prime256v1}, {"nistp384", NID_secp384r1}, {"nistp521", NID_secp521r1}}};

// Curve and point; the curve is the one of the type's name.
bool is_ecdsa_key(Reader& reader, std::string_view type) {
  const auto curve = reader.string(), point = reader.string();
  if (!curve || !point || type.find(*curve) == std::string_view::npos) return false;
  for (const auto& known : kCurves) {
    if (known.name == *curve) return is_on_curve(*point, known.nid);
  }
  return false;
}

// Keys in a FIDO token name the application they were made for.
bool is_application(Reader& reader) {
  const auto application = reader.string();
  return application && !application->empty();
}

constexpr std::array<std::string_view, 8> kTypes = {
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

}  // namespace

bool is_ssh_key_type(std::string_view type) {
  for (const auto known : kTypes) {
    if (known == type) return true;
  }
  return false;
}

std::string ssh_type_inside(std::string_view blob) {
  Reader reader(blob);
  return std::string(reader.string().value_or(""));
}

std::string ssh_blob_problem(std::string_view blob) {
  Reader reader(blob);
  const std::string type(reader.string().value_or(""));
  if (type == "ssh-rsa") return rsa_problem(reader);
  if (type == "ssh-dss") return dsa_problem(reader);
  bool good = false;
  if (type == "ssh-ed25519") good = is_ed25519_point(reader);
  if (type == "sk-ssh-ed25519@openssh.com") good = is_ed25519_point(reader) && is_application(reader);
  if (type.starts_with("ecdsa-sha2-")) good = is_ecdsa_key(reader, type);
  if (type.starts_with("sk-ecdsa-sha2-")) good = is_ecdsa_key(reader, type) && is_application(reader);
  return good && reader.at_end() ? "" : kBroken;
}

}  // namespace deis::controller
