#include "bastion/config/settings.h"

#include <doctest/doctest.h>

#include "bastion/config/file.h"
#include "tests/support/document.h"

namespace bastion::config {

TEST_CASE("docs/CONFIG.md says what the table of settings says") {
  test::Document("docs/CONFIG.md").must_contain(reference());
}

TEST_CASE("bastion.toml(5) says what the table of settings says") {
  test::Document("packaging/man/bastion.toml.5").must_contain(manual());
}

TEST_CASE("the defaults, written as a file, are the defaults") {
  std::string file;
  for (const auto& setting : settings()) {
    file += std::string(setting.key) + " = " + toml_of(setting, Config{}) + "\n";
  }
  const auto config = parse(file, "bastion.toml");
  REQUIRE_MESSAGE(config.has_value(), config.error().text);
  for (const auto& setting : settings()) {
    CAPTURE(setting.key);
    CHECK(toml_of(setting, *config) == toml_of(setting, Config{}));
  }
}

TEST_CASE("what has changed is found for every setting, and taken over") {
  const auto other = parse(
      "listen = [\"127.0.0.1:22\"]\nstate_dir = \"/srv\"\nkey_agent = \"/run/agent\"\nworkers = 7\nlog_level = "
      "\"error\"\nauth = \"certificate\"\nauth_admin = \"certificate\"\n"
      "auth_operator = \"certificate\"\nauth_auditor = \"certificate\"\nfold_names = true\nlogin_grace = 7\n"
      "authorized_keys_command = \"/usr/bin/keys %u\"\nauthorized_keys_timeout = 7\nauthorized_keys_cache = 7\n"
      "authorized_keys_again = 7\n"
      "version_grace = 7\nmax_auth_tries = 7\nmax_startups = 7\nmax_startups_per_source = 7\n"
      "max_rsa_signatures_per_source = 7\n"
      "source_block = \"24:48\"\npenalties = { authfail = 7 }\nexempt = [\"10.0.0.0/8\"]\n"
      "max_sessions_per_user = 7\nmax_logins_per_user = 7\nmax_rekeys_per_user = 7\n"
      "max_bytes_per_user = 7\nconnect_timeout = 7\nwake_limit = 7\nwake_hooks = \"/hooks\"\nplacement = \"memory\"\n"
      "keepalive_interval = 7\nkeepalive_count_max = 7\nhop_idle_timeout = 7\nidle_timeout = 7\nmax_session = 7\n"
      "drain_timeout = 7\nhandover_limit = 7\naudit_keep = 7\naudit_keep_reads = 7\nrecord = \"all\"\n"
      "record_least = \"terminals\"\n"
      "record_input = true\nrecord_when_full = \"less\"\nrecord_keep = \"7d\"\nrecord_most = \"7GB\"\nkey_exchange = "
      "[\"curve25519-sha256\"]\n"
      "host_key_algorithms = [\"ssh-ed25519\"]\nproxy_protocol = [\"10.0.0.0/8\"]\nclient_env = \"LC_A\"\n"
      "me = [\"totp\"]\nbanner = \"/no/banner\"\nmotd = \"/no/motd\"\nlast_login = true\n"
      "log = \"json\"\nmetrics = \"127.0.0.1:9222\"\nwindow = \"look:8\"\noidc_remember = 7\noidc_session = 7\n[oidc]\n"
      "issuer = \"https://login.example.org\"\nclient_id = \"b\"\ngroups = { \"Site \\\"A\\\"\" = \"site\" "
      "}\n[fleet]\ndatabase = \"host='a b' dbname=\\\"b\\\"\"\nnode = "
      "\"a\"\n",
      "bastion.toml");
  REQUIRE_MESSAGE(other.has_value(), other.error().text);
  const auto found = changes(Config{}, *other);
  REQUIRE(found.size() == settings().size());
  Config config;
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].setting == &settings()[i]);
    CHECK(found[i].after == toml_of(settings()[i], *other));
    copy(settings()[i], *other, config);
    CHECK(changes(config, *other).size() == found.size() - i - 1);
  }
  CHECK(changes(Config{}, Config{}).empty());
}

}  // namespace bastion::config
