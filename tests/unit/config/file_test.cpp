#include "bastion/config/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/config/settings.h"
#include "tests/support/temporary_folder.h"

namespace bastion::config {
namespace {

std::string error_of(std::string_view text) {
  const auto config = parse(text, "bastion.toml");
  REQUIRE_FALSE(config.has_value());
  return config.error().text;
}

}  // namespace

TEST_CASE("a file says what it wants and leaves the rest as it is") {
  const auto config = parse(
      "# ours\nlisten = [\"127.0.0.1:22\", \"[::1]:2022\"]\nstate_dir = \"/srv/bastion\"\nworkers = 2\n"
      "login_grace = 20\nlog_level = \"debug\"\nkey_exchange = [\"curve25519-sha256\", \"ecdh-sha2-nistp256\"]\n",
      "bastion.toml");
  REQUIRE_MESSAGE(config.has_value(), config.error().text);
  CHECK(config->listen == std::vector<Endpoint>{{"127.0.0.1", 22}, {"::1", 2022}});
  CHECK(config->state_dir == "/srv/bastion");
  CHECK(config->workers == 2);
  CHECK(config->login_grace == std::chrono::seconds(20));
  CHECK(config->log_level == log::Level::debug);
  CHECK(config->key_exchange == "curve25519-sha256,ecdh-sha2-nistp256");
  CHECK(config->connect_timeout == std::chrono::seconds(10));
}

TEST_CASE("whatever stands behind a key is taken or refused, with its line") {
  std::vector<std::string> values{"1e309",
                                  "-1",
                                  "99999999999999999999",
                                  "9223372036854775807",
                                  "1.5",
                                  "nan",
                                  "inf",
                                  "2026-12-31",
                                  "2026-12-31T23:59:60Z",
                                  "00:00:00",
                                  "0x1",
                                  "1_0",
                                  "true",
                                  "",
                                  "[",
                                  "{}",
                                  "{a = 1}",
                                  "[[1]]",
                                  "[1]",
                                  "[\"\"]",
                                  "[\"::\"]",
                                  "[\"a:99999\"]",
                                  "\"\"",
                                  "\"/\\u0000\"",
                                  "\"\\ud800\"",
                                  "\"\\u001b\"",
                                  "\"\xff\"",
                                  "\"\xed\xa0\x80\"",
                                  "'",
                                  "\"\"\"",
                                  "\x1b",
                                  "\xff"};
  values.push_back(std::string(10'000, '['));
  values.push_back('"' + std::string(100'000, 'x') + '"');
  for (const auto& setting : settings()) {
    for (const auto& value : values) {
      const auto text = fmt::format("{} = {}\n", setting.key, value);
      CAPTURE(text.substr(0, 100));
      const auto config = parse("# first\n" + text, "bastion.toml");
      if (!config) CHECK_MESSAGE(config.error().text.starts_with("bastion.toml:"), config.error().text);
    }
  }
  for (const auto& value : values) CHECK(parse(value, "bastion.toml").has_value() == value.empty());
}

TEST_CASE("an empty file is the defaults") {
  const auto config = parse("", "bastion.toml");
  REQUIRE(config.has_value());
  CHECK(config->listen == std::vector<Endpoint>{{"0.0.0.0", 2222}, {"::", 2222}});
}

TEST_CASE("the name of a variable") {
  CHECK(parse("client_env = \"LC_SSH_CLIENT\"\n", "bastion.toml")->client_env == "LC_SSH_CLIENT");
  CHECK(parse("client_env = \"\"\n", "bastion.toml")->client_env.empty());
  for (const auto* const wrong : {"\"A=b\"", "\"1ST\"", "\"a b\"", "\"a-b\"", "7", "[\"A\"]"}) {
    CAPTURE(wrong);
    const auto read = parse(fmt::format("client_env = {}\n", wrong), "bastion.toml");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().text.starts_with("bastion.toml:1: client_env must be the name of an environment variable"));
  }
  CHECK_FALSE(parse(fmt::format("client_env = \"{}\"\n", std::string(65, 'A')), "bastion.toml").has_value());
}

TEST_CASE("the window's forward is a name that is nothing else") {
  const auto window = [](std::string_view value) { return parse("window = \"" + std::string(value) + "\"\n", "f"); };
  for (const auto* const value : {"bastion", "bastion:0", "bastion:65536", ":80", "-b:80", "8b:80", "a b:80", "a_b:80",
                                  "localhost:80", "LocalHost.:80", "web.localhost:80", "127.0.0.1:80", "[::1]:80"}) {
    CAPTURE(value);
    CHECK_FALSE(window(value).has_value());
  }
  CHECK_FALSE(parse("window = 80\n", "f").has_value());
  CHECK_FALSE(window("")->window.has_value());
  CHECK(window("Look.example-1:8080")->window == Endpoint{"Look.example-1", 8080});
  CHECK(Config{}.window == Endpoint{"bastion", 80});
}

TEST_CASE("limits on strangers") {
  const auto config = parse(
      "max_startups = \"10:30:60\"\nsource_block = \"24:56\"\nexempt = [\"10.0.0.0/8\", \"fd00::1\"]\n"
      "penalties = { authfail = 7, max_sources = 9, overflow = \"deny-all\" }\n",
      "bastion.toml");
  REQUIRE_MESSAGE(config.has_value(), config.error().text);
  CHECK(config->max_startups == MaxStartups{.start = 10, .rate = 30, .full = 60});
  CHECK(config->source_block == SourceBlock{.ipv4 = 24, .ipv6 = 56});
  REQUIRE(config->exempt.size() == 2);
  CHECK(config->exempt[0].text() == "10.0.0.0/8");
  PenaltyRules rules;
  rules.authfail = std::chrono::seconds(7);
  rules.max_sources = 9;
  rules.overflow = PenaltyRules::Overflow::deny_all;
  CHECK(config->penalties == rules);
  const auto other = parse("max_startups = 5\npenalties = { enabled = false }\n", "bastion.toml");
  REQUIRE(other.has_value());
  CHECK(other->max_startups == MaxStartups{.start = 5, .rate = 100, .full = 5});
  CHECK_FALSE(other->penalties.enabled);
}

TEST_CASE("what is wrong in a file is named with its line") {
  struct Row {
    std::string_view text;
    std::string_view error;
  };
  const Row rows[] = {
      {"workers = 1\nmax_startup = 5\n", "bastion.toml:2: unknown key max_startup, did you mean max_startups?"},
      {"workers = \"two\"\n", "bastion.toml:1: workers must be a number from 0 to 256"},
      {"workers = -1\n", "bastion.toml:1: workers must be a number from 0 to 256"},
      {"workers = 2.0\n", "bastion.toml:1: workers must be a number from 0 to 256"},
      {"\n\nlogin_grace = 0\n", "bastion.toml:3: login_grace must be a number of seconds from 1 to 3600"},
      {"listen = \"0.0.0.0:22\"\n", "bastion.toml:1: listen must be a list, like [\"…\", \"…\"]"},
      {"listen = []\n", "bastion.toml:1: listen must name at least one address, like [\"0.0.0.0:2222\"]"},
      {"listen = [22]\n", "bastion.toml:1: listen must be a list of texts in quotes"},
      {"listen = [\"::1\"]\n", "bastion.toml:1: listen cannot be read: ::1 has no port: write [::1]:2222"},
      {"listen = [\"localhost:0\"]\n",
       "bastion.toml:1: listen cannot be read: localhost:0 has no port between 1 and 65535 after the colon"},
      {"state_dir = \"here\"\n", "bastion.toml:1: state_dir must be an absolute path in quotes"},
      {"log_level = \"loud\"\n",
       "bastion.toml:1: log_level cannot be \"loud\": it must be one of debug, info, warning, error"},
      {"max_startups = 0\n", "bastion.toml:1: max_startups must be a number from 1 to 100000, or like \"100:30:200\""},
      {"max_startups = \"200:30:100\"\n",
       "bastion.toml:1: max_startups must be a number from 1 to 100000, or like \"100:30:200\""},
      {"max_startups = \"100:0:200\"\n",
       "bastion.toml:1: max_startups must be a number from 1 to 100000, or like \"100:30:200\""},
      {"max_startups = \"100:30\"\n",
       "bastion.toml:1: max_startups must be a number from 1 to 100000, or like \"100:30:200\""},
      {"source_block = \"33:64\"\n", "bastion.toml:1: source_block must be bits of IPv4 and IPv6, like \"32:64\""},
      {"penalties = 5\n", "bastion.toml:1: penalties must be a table, like { authfail = 5, min = 15 }"},
      {"penalties = { authfail = -1 }\n",
       "bastion.toml:1: penalties must have as authfail a number of seconds from 0 to 86400"},
      {"penalties = { authfial = 1 }\n",
       "bastion.toml:1: penalties has an unknown key authfial; there are authfail, invaliduser, max_auth_tries, "
       "noauth, "
       "grace_exceeded, crash, min, max, enabled, max_sources, overflow"},
      {"penalties = { min = 700 }\n", "bastion.toml:1: penalties has a min that is more than its max"},
      {"penalties = { overflow = \"deny\" }\n",
       "bastion.toml:1: penalties must have as overflow one of permissive, deny-all"},
      {"me = \"key\"\n", "bastion.toml:1: me must be a list, like [\"…\", \"…\"]"},
      {"me = [\"keys\"]\n",
       "bastion.toml:1: me cannot be \"keys\": it must be one of container, key, key-anyhow, password, session, share, "
       "totp"},
      {"exempt = [\"10.1.0.0/8\"]\n",
       "bastion.toml:1: exempt cannot be read: 10.1.0.0/8 is not the beginning of a block: some bits after the first 8 "
       "are set"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(error_of(row.text) == row.error);
  }
  CHECK(error_of("[section]\nworkers = 2\n").starts_with("bastion.toml:1: unknown key section; there are listen, "));
  CHECK(error_of("workers = 1\nworkers = 2\n").starts_with("bastion.toml:2: "));
  CHECK(error_of("workers = \n").starts_with("bastion.toml:1: "));
  CHECK(error_of("key_exchange = [\"diffie-hellman-group16-sha512\"]")
            .find("cannot be \"diffie-hellman-group16-sha512\"") != std::string::npos);
  CHECK(error_of("host_key_algorithms = [\"ssh-rsa\"]") ==
        "bastion.toml:1: host_key_algorithms cannot be \"ssh-rsa\": it must be one of ssh-ed25519, "
        "ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, rsa-sha2-512, rsa-sha2-256");
}

TEST_CASE("a file that was named must be there; the option counts before the environment") {
  const test::TemporaryFolder folder;
  const auto missing = folder / "missing.toml";
  const auto found = folder.write("bastion.toml", "workers = 3\n");
  CHECK(load(source(missing, nullptr)).error().text == missing.string() + ": No such file or directory");
  CHECK(load(source({}, missing.c_str())).error().text == missing.string() + ": No such file or directory");
  CHECK(load(source(found, missing.c_str()))->workers == 3);
  CHECK(load(source({}, found.c_str()))->workers == 3);
}

TEST_CASE("a file that may be missing is read when it is there") {
  const test::TemporaryFolder folder;
  CHECK(load({.file = folder / "bastion.toml", .may_be_missing = true})->workers == Config{}.workers);
  const auto found = folder.write("bastion.toml", "workers = 3\n");
  CHECK(load({.file = found, .may_be_missing = true})->workers == 3);
}

TEST_CASE("nothing is waited for, and nothing large is read") {
  const test::TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(load({.file = pipe}).error().text == pipe.string() + ": this is not a file");
  const auto directory = folder / "directory";
  std::filesystem::create_directory(directory);
  CHECK(load({.file = directory}).error().text == directory.string() + ": this is a folder, not a file");
  const auto large = folder.write("large.toml", "workers = 3\n");
  std::filesystem::resize_file(large, std::uintmax_t{1} << 30);
  CHECK(load({.file = large}).error().text == large.string() + ": a configuration has 1048576 bytes at most");
  CHECK(load({.file = "/dev/zero"}).error().text == "/dev/zero: a configuration has 1048576 bytes at most");
  CHECK(load({.file = "/dev/null"}).has_value());
}

TEST_CASE("whatever stands in a file, it is an error and no exception") {
  const std::string_view texts[] = {
      "\xff\xfe",        "\"", "[[[[", "a.b.c = 1", "workers = 99999999999999999999", "x = 1e999999", "workers = 0x",
      "\"\\uD800\" = 1", "= 1"};
  for (const auto& text : texts) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with("bastion.toml:1: "));
  }
  CHECK_FALSE(error_of("workers = " + std::string(100'000, '[')).empty());
  CHECK_FALSE(error_of(std::string(1, '\0')).empty());
}

}  // namespace bastion::config
