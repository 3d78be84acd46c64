// Certificates (contract api.md §9.11) and their keys in etcd.

#include "controller/api/api_fixture.h"
#include "controller/domain/certificate_fixture.h"
#include "core/json/json.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using test::CertificateSpec;
using test::MadeCertificate;

// {"certificate", "key"} and `more`.
std::string body_of(const MadeCertificate& made, json::object more = {}) {
  more["certificate"] = made.certificate();
  more["key"] = made.key();
  return json::to_text(more);
}

Task<std::vector<std::string>> published(ApiFixture& api) {
  const auto range = co_await api.platform->etcd().list("/deis/certs/", in(std::chrono::seconds(5)));
  std::vector<std::string> names;
  for (const auto& entry : range.entries)
    names.push_back(entry.key.substr(std::string("/deis/certs/").size()));
  co_return names;
}

API_TEST(Certs, AreAddedReadWithoutKeyMaterialAndDeleted) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const MadeCertificate made(CertificateSpec{.common_name = "a.example.com", .expires = "20160305171427Z"});
  const Answer added = co_await api.post(bob, "/v1/certs/", body_of(made));
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(added.text("/expires"), "2016-03-05T17:14:27UTC");
  EXPECT_EQ(added.text("/common_name"), "a.example.com");
  EXPECT_EQ(added.text("/owner"), "bob");
  const auto shown = added.json();
  EXPECT_EQ(shown.as_object().size(), 6U) << added.body;
  EXPECT_TRUE(shown.at("id").is_int64());
  const Answer read = co_await api.get(bob, "/v1/certs/a.example.com");
  EXPECT_EQ(read.body, added.body);
  const Answer list = co_await api.get(bob, "/v1/certs");
  EXPECT_EQ(list.count(), 1);
  const Answer foreign = co_await api.get(ann, "/v1/certs/a.example.com");
  EXPECT_EQ(foreign.status, 404);
  const auto entry =
      co_await api.platform->etcd().get("/deis/certs/a.example.com", in(std::chrono::seconds(5)));
  CO_ASSERT_TRUE(entry);
  const auto value = json::parse(entry->value);
  EXPECT_EQ(value.at("certificate").as_string(), made.certificate());
  EXPECT_EQ(value.at("key").as_string(), made.key());
  const Answer removed = co_await api.del(bob, "/v1/certs/a.example.com");
  EXPECT_EQ(removed.status, 204);
  const auto left = co_await published(api);
  EXPECT_TRUE(left.empty());
  const Answer put = co_await api.call("PUT", bob, "/v1/certs/");
  EXPECT_EQ(put.status, 405);
}

API_TEST(Certs, AreRefusedWithTheFieldThatIsWrong) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const MadeCertificate wildcard(CertificateSpec{.common_name = "*.example.com"}),
      made(CertificateSpec{.common_name = "a.example.com"});
  const Answer star = co_await api.post(ann, "/v1/certs/", body_of(wildcard));
  EXPECT_EQ(star.status, 400);
  EXPECT_EQ(star.body, R"({"common_name":["Wildcard certificates are not supported"]})");
  const Answer empty = co_await api.post(ann, "/v1/certs/");
  EXPECT_EQ(empty.status, 400);
  EXPECT_EQ(empty.text("/certificate/0"), "This field is required.");
  EXPECT_EQ(empty.text("/key/0"), "This field is required.");
  co_await api.post(ann, "/v1/certs/", body_of(made));
  const std::string same = body_of(made);
  const Answer taken = co_await api.post(bob, "/v1/certs/", same);
  EXPECT_EQ(taken.status, 400);
  EXPECT_EQ(taken.body, R"({"common_name":["This field must be unique."]})");
  json::object upper;
  upper["common_name"] = "A.Example.Com";
  const Answer any_case = co_await api.post(bob, "/v1/certs/", body_of(made, std::move(upper)));
  EXPECT_EQ(any_case.body, R"({"common_name":["This field must be unique."]})");
}

API_TEST(Certs, OfAWildcardAreOurOwnExtension) {
  const std::string ann = co_await api.user("ann");
  const MadeCertificate made(
      CertificateSpec{.common_name = "*.example.com", .names = {"*.example.com", "example.com"}});
  json::object wildcard;
  wildcard["wildcard"] = true;
  wildcard["names"] = json::array{"example.com"};
  const Answer added = co_await api.post(ann, "/v1/certs/", body_of(made, std::move(wildcard)));
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(added.text("/names"), R"(["*.example.com","example.com"])");
  auto names = co_await published(api);
  EXPECT_THAT(names, testing::ElementsAre("*.example.com", "example.com"));
  // A name has one certificate.
  const MadeCertificate other(CertificateSpec{.common_name = "example.com"});
  const Answer taken = co_await api.post(ann, "/v1/certs/", body_of(other));
  EXPECT_EQ(taken.body, R"({"common_name":["This field must be unique."]})");
  const Answer removed = co_await api.del(ann, "/v1/certs/*.example.com");
  EXPECT_EQ(removed.status, 204);
  names = co_await published(api);
  EXPECT_TRUE(names.empty());
}

API_TEST(Certs, ForNamesOfThePlatformAreOnlyTheAdministrators) {
  api.settings.domain = "Paas.example.com";
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  json::object wildcard;
  wildcard["wildcard"] = true;
  const MadeCertificate star(
      CertificateSpec{.common_name = "*.paas.example.com", .names = {"*.paas.example.com"}});
  const std::string of_all_apps = body_of(star, std::move(wildcard));
  for (const std::string name : {"paas.example.com", "deis.paas.example.com", "SHOP.paas.example.com"}) {
    const MadeCertificate made(CertificateSpec{.common_name = name});
    const Answer refused = co_await api.post(bob, "/v1/certs/", body_of(made));
    EXPECT_EQ(refused.status, 403) << name << refused.body;
    EXPECT_THAT(refused.body, testing::HasSubstr("is a name of the platform"));
  }
  const Answer refused = co_await api.post(bob, "/v1/certs/", of_all_apps);
  EXPECT_EQ(refused.status, 403) << refused.body;
  const auto names = co_await published(api);
  EXPECT_TRUE(names.empty());
  const Answer allowed = co_await api.post(ann, "/v1/certs/", of_all_apps);
  EXPECT_EQ(allowed.status, 201) << allowed.body;
  const MadeCertificate beside(CertificateSpec{.common_name = "notpaas.example.com"});
  const Answer other = co_await api.post(bob, "/v1/certs/", body_of(beside));
  EXPECT_EQ(other.status, 201) << other.body;
}

API_TEST(Certs, ForADomainOfAnAppAreOnlyOfThoseWhoMayUseTheApp) {
  co_await api.user("root");
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"WWW.example.com"})");
  const MadeCertificate made(CertificateSpec{.common_name = "www.example.com"}),
      star(CertificateSpec{.common_name = "*.example.com", .names = {"*.example.com"}});
  json::object wildcard;
  wildcard["wildcard"] = true;
  const std::string own = body_of(made), covering = body_of(star, std::move(wildcard));
  for (const std::string* body : {&own, &covering}) {
    const Answer refused = co_await api.post(bob, "/v1/certs/", *body);
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_THAT(refused.body, testing::HasSubstr("WWW.example.com is a domain of an app"));
  }
  co_await api.post(ann, "/v1/apps/shop/perms/", R"({"username":"bob"})");
  const Answer collaborator = co_await api.post(bob, "/v1/certs/", own);
  EXPECT_EQ(collaborator.status, 201) << collaborator.body;
  const Answer owner = co_await api.post(ann, "/v1/certs/", covering);
  EXPECT_EQ(owner.status, 201) << owner.body;
}

API_TEST(Certs, GoWithTheAccountOfTheirOwner) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const MadeCertificate mine(CertificateSpec{.common_name = "a.example.com"}),
      theirs(CertificateSpec{.common_name = "b.example.com"});
  co_await api.post(ann, "/v1/certs/", body_of(mine));
  co_await api.post(bob, "/v1/certs/", body_of(theirs));
  const Answer gone = co_await api.del(bob, "/v1/auth/cancel/");
  EXPECT_EQ(gone.status, 204);
  const auto names = co_await published(api);
  EXPECT_THAT(names, testing::ElementsAre("a.example.com"));
}

API_TEST(Certs, AreWrittenAgainWhenEtcdHasForgottenThem) {
  const std::string ann = co_await api.user("ann");
  const MadeCertificate made(CertificateSpec{.common_name = "a.example.com"});
  co_await api.post(ann, "/v1/certs/", body_of(made));
  auto& etcd = api.platform->etcd();
  const Deadline deadline = in(std::chrono::seconds(10));
  const auto before = co_await etcd.get("/deis/certs/a.example.com", deadline);
  co_await etcd.erase("/deis/certs/a.example.com", deadline);
  co_await etcd.put("/deis/certs/nobodys.example.com", "{}", deadline);
  co_await api.services->certs.publish();
  const auto after = co_await etcd.get("/deis/certs/a.example.com", deadline);
  CO_ASSERT_TRUE(before && after);
  EXPECT_EQ(after->value, before->value);
  const auto names = co_await published(api);
  EXPECT_THAT(names, testing::ElementsAre("a.example.com"));
}

}  // namespace
}  // namespace deis::controller::api
