// Whatever is written into a setting of the router: nothing that passes its rule leaves its place in nginx's
// configuration, and no certificate, key or page breaks the reader. The first byte chooses the setting.

#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/component/router_settings.h"
#include "core/component/tls_material.h"

DEIS_FUZZ(router_settings) {
  using namespace deis::component;
  if (input.empty()) return;
  const auto table = router_settings();
  const SettingRule& rule = table[static_cast<unsigned char>(input.front()) % table.size()];
  const std::string value(input.substr(1));
  const auto read = rule.read(value);
  const std::string shown = shown_value(rule, value);
  FUZZ_REQUIRE(deis::is_valid_utf8(shown) && shown.find('\n') == std::string::npos);
  if (rule.kind == SettingRule::Kind::text) {
    FUZZ_REQUIRE(!read || read->find_first_of(std::string_view(";{}\n\r\"'#\\$\0", 11)) == std::string::npos);
  } else {
    for (const auto& name : certificate_names(value))
      FUZZ_REQUIRE(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.*") == std::string::npos);
    key_fits(value, value);
  }
}
