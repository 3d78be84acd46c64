#include "controller/domain/slapd_fixture.h"

#include "core/base/error.h"
#include "core/net/stream.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <signal.h>
#include <stdlib.h>

namespace deis::controller::test {

using namespace std::chrono_literals;

namespace {

constexpr auto kConfig = R"(include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=example,dc=com"
rootdn "cn=admin,dc=example,dc=com"
rootpw admin
maxsize 16777216
directory {}/data
access to attrs=userPassword by anonymous auth by * none
access to * by * read
)";

process::Command command(std::vector<std::string> argv) {
  process::Command command;
  command.argv = std::move(argv);
  return command;
}

}  // namespace

std::string example_ldif() {
  return R"(dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: uid=ann,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann Archer
givenName: Ann
sn: Archer
mail: ann@example.com
userPassword: ann-secret

dn: uid=bob,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob (the builder) *
sn: Builder
userPassword: bob-secret

dn: cn=staff,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: staff
member: uid=ann,ou=people,dc=example,dc=com
member: uid=bob,ou=people,dc=example,dc=com

dn: cn=ops,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: ops
member: uid=ann,ou=people,dc=example,dc=com
)";
}

SlapdFixture::SlapdFixture(Executor executor, std::string directory)
    : executor_(std::move(executor)), directory_(std::move(directory)) {}

SlapdFixture::~SlapdFixture() {
  if (server_) server_->signal(SIGCONT);
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Task<std::unique_ptr<SlapdFixture>> SlapdFixture::start(Executor executor, std::string ldif) {
  char name[] = "/tmp/deis-slapd-XXXXXX";
  if (!::mkdtemp(name)) throw Error(ErrorCode::internal, "cannot make a directory in /tmp");
  std::unique_ptr<SlapdFixture> fixture(new SlapdFixture(executor, name));
  co_await fixture->load(std::move(ldif));
  co_await fixture->launch();
  co_return fixture;
}

Task<> SlapdFixture::load(std::string ldif) {
  std::filesystem::create_directory(directory_ + "/data");
  std::ofstream(directory_ + "/slapd.conf") << fmt::format(kConfig, directory_);
  std::ofstream(directory_ + "/data.ldif") << ldif;
  process::Command load =
      command({"/usr/sbin/slapadd", "-f", directory_ + "/slapd.conf", "-l", directory_ + "/data.ldif"});
  load.out = load.err = process::Command::Output::pipe;
  co_await process::check_output(executor_, std::move(load), in(30s));
}

Task<> SlapdFixture::launch() {
  process::Command serve = command(
      {"/usr/sbin/slapd",
       "-f",
       directory_ + "/slapd.conf",
       "-h",
       fmt::format("ldap://127.0.0.1:{}", port_.number()),
       "-d",
       "0"});
  serve.out = serve.err = process::Command::Output::discard;
  server_ = std::make_unique<process::Process>(process::Process::start(executor_, serve));
  const Deadline deadline = in(30s);
  for (;;) {
    bool answers = false;
    try {
      const auto stream = co_await net::connect(net::Endpoint::tcp("127.0.0.1", port_.number()), in(2s));
      answers = true;
    } catch (const Error& error) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
    if (answers) co_return;
    co_await net::sleep_for(20ms);
  }
}

LdapSettings SlapdFixture::settings() const {
  LdapSettings settings;
  settings.endpoint = fmt::format("ldap://127.0.0.1:{}", port_.number());
  settings.user_base = "ou=people,dc=example,dc=com";
  settings.group_base = "ou=groups,dc=example,dc=com";
  return settings;
}

Task<> SlapdFixture::stop() {
  co_await server_->stop(in(10s));
  server_.reset();
}

Task<> SlapdFixture::restart() {
  return launch();
}

void SlapdFixture::freeze() {
  server_->signal(SIGSTOP);
}

void SlapdFixture::thaw() {
  server_->signal(SIGCONT);
}

}  // namespace deis::controller::test
