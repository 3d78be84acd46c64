#include "database/server_config.h"

#include <gmock/gmock.h>

namespace deis::database {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServerConfig, ListensOnLoopbackOnlyAndKeepsWhatIsAcknowledged) {
  ServerConfig config;
  config.port = 6000;
  const auto text = postgresql_conf(config);
  EXPECT_THAT(text, HasSubstr("listen_addresses = '127.0.0.1'\n"));
  EXPECT_THAT(text, HasSubstr("port = '6000'\n"));
  EXPECT_THAT(text, HasSubstr("fsync = 'on'\n"));
}

TEST(ServerConfig, AQuoteInAValueStaysInsideIt) {
  ServerConfig config;
  config.socket_directory = "/tmp/o'brien";
  EXPECT_THAT(postgresql_conf(config), HasSubstr("unix_socket_directories = '/tmp/o''brien'\n"));
}

TEST(ServerConfig, NobodyLogsInWithoutProof) {
  EXPECT_THAT(pg_hba_conf(), Not(HasSubstr("trust")));
  EXPECT_THAT(pg_hba_conf(), HasSubstr("host deis deis 127.0.0.1/32 scram-sha-256\n"));
}

}  // namespace
}  // namespace deis::database
