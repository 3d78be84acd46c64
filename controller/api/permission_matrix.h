#pragma once
// Who may do what, as a table (contract api.md §2): every route × six callers × the caller's own object, a
// foreign one and one that does not exist. permission_component_test.cpp asks the whole table and fails for a
// route that has no entry.
//
// A new route needs an entry in permission_matrix.cpp. The table is written from the contract, not from
// routes.cpp: do not derive one from the other. In paths, bodies and steps stand
//   $object  the name of the object, see Objects    $caller  the user who asks (bob for those without a name)
//   $owner   who owns the object (apps)             $fresh   a name nobody has used yet, new for each request
//   $value   what Entry::lookup found               $key     a public key nobody has used yet
//   $cert    the members "certificate" and "key" of a certificate

#include <array>
#include <string>
#include <vector>

namespace deis::controller::api {

// anonymous, stranger (eve), collaborator (joe), owner (bob), administrator (ann), builder (its key, no user)
using Statuses = std::array<int, 6>;

struct Expected {
  Statuses own{}, foreign{}, absent{};  // 0: there is nothing to ask
};

// What $object is.
struct Objects {
  const char* own = "";
  const char* foreign = "";
  const char* absent = "";
};
// bob owns "shop" and joe collaborates on it; eve and ann own one each, and so does zoe, who is nobody's
// friend.
inline constexpr Objects kApps{"$app", "zoes-app", "no-such-app"};
inline constexpr Objects kUsers{"$caller", "zed", "nobody"};  // zed owns nothing
inline constexpr Objects kKeys{"key-$caller", "key-zoe", "key-nobody"};
inline constexpr Objects kCerts{"$caller.example.com", "zoe.example.com", "nobody.example.com"};
inline constexpr Objects kTokens{"own", "foreign", "absent"};  // their ids are made: $value
inline constexpr Objects kNothing{};

// A request in preparation of each one of the table (not when the object shall be absent); its answer does
// not matter.
struct Step {
  const char* user;  // a name, $caller, $owner, or root: an administrator who is not part of the table
  const char* method;
  const char* path;
  const char* body = "";
};

// Where $value comes from: a GET by `user` ("$holder": the caller, or zoe for foreign objects) and a JSON
// pointer into its answer. For ids that the server makes.
struct Lookup {
  const char* user = "";
  const char* path = "";
  const char* pointer = "";
};

struct Entry {
  const char* method;
  const char* pattern;  // as in routes.cpp
  Objects objects;
  const char* path;
  const char* body;
  Expected expected;
  std::vector<Step> prepare = {};
  Lookup lookup = {};
};

const std::vector<Entry>& permission_matrix();

}  // namespace deis::controller::api
