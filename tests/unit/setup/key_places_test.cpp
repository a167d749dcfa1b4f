#include "bastion/setup/key_places.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bastion/config/config.h"
#include "bastion/setup/check.h"
#include "bastion/setup/init.h"
#include "bastion/setup/key_files.h"
#include "bastion/setup/rotation.h"
#include "tests/support/small_world.h"

namespace bastion::setup {
namespace {

using test::must;
using test::refused;

template <typename Value>
bool is_among(const std::vector<Value>& all, const Value& one) {
  return std::ranges::find(all, one) != all.end();
}

// A bastion that was made, and a service manager's folder for it.
struct CredentialsGiven {
  CredentialsGiven() {
    config.state_dir = folder / "state";
    must(init(config));
    std::filesystem::create_directory(given);
    ::setenv(kCredentialsVariable, given.c_str(), 1);
  }
  ~CredentialsGiven() { ::unsetenv(kCredentialsVariable); }
  CredentialsGiven(const CredentialsGiven&) = delete;
  CredentialsGiven& operator=(const CredentialsGiven&) = delete;

  // As LoadCredential= does with a folder.
  void gives(const std::string& kind) const {
    for (const auto& entry : std::filesystem::directory_iterator(config.state_dir / kind)) {
      const auto to = given / (kind + "_" + entry.path().filename().string());
      std::filesystem::rename(entry.path(), to);
      ::chmod(to.c_str(), S_IRUSR | S_IRGRP);
    }
  }
  [[nodiscard]] std::vector<std::string> bad() const {
    std::vector<std::string> texts;
    for (const auto& finding : check(config)) {
      if (!finding.good) texts.push_back(finding.text);
    }
    return texts;
  }
  [[nodiscard]] std::vector<PublicKey> keys() const {
    const auto files = must(load_key_files(config.state_dir));
    std::vector<PublicKey> all;
    all.reserve(files.host_keys.size() + files.identity.keys.size());
    for (const auto& key : files.host_keys) all.push_back(key.public_key());
    for (const auto& key : files.identity.keys) all.push_back(key.public_key());
    all.push_back(files.identity.ca.public_key());
    return all;
  }

  test::TemporaryFolder folder;
  std::filesystem::path given = folder / "credentials";
  config::Config config;
};

}  // namespace

TEST_CASE("key places: what is given as a credential is read there, and all else in the state directory") {
  for (const auto& kinds :
       std::vector<std::vector<std::string>>{{}, {"host_keys"}, {"identity"}, {"host_keys", "identity"}}) {
    const CredentialsGiven world;
    const auto before = world.keys();
    for (const auto& kind : kinds) world.gives(kind);
    CHECK(world.keys() == before);
    CHECK(world.bad().empty());
    const KeyPlaces places(config::StateDir(world.config.state_dir));
    const bool has_identity = is_among(kinds, std::string("identity"));
    CHECK(places.identity().is_credential == has_identity);
    CHECK(places.ca().is_credential == has_identity);
    CHECK((places.host_key_folder() == world.given) == is_among(kinds, std::string("host_keys")));
    CHECK(is_among(places.folders(), world.given));
  }
}

TEST_CASE("key places: host keys of other names are announced, and .pub files are none") {
  const CredentialsGiven world;
  const auto next = must(transport::KeyPair::generate(transport::KeyPair::Kind::ed25519));
  must(next.save(world.config.state_dir / "host_keys" / "ed25519.next"));
  world.gives("host_keys");
  world.folder.write("credentials/host_keys_ed25519.pub", "no key");
  world.folder.write("credentials/another", "of somebody else");
  const auto files = must(load_key_files(world.config.state_dir));
  REQUIRE(files.host_keys.size() == 4);
  CHECK(files.host_keys.back().public_key() == next.public_key());
}

TEST_CASE("key places: an identity that is given without a CA keeps the CA of the state directory, or gets one") {
  const CredentialsGiven world;
  const auto state = config::StateDir(world.config.state_dir);
  world.gives("identity");
  std::filesystem::rename(world.given / "identity_ca", state.ca());
  ::chmod(state.ca().c_str(), S_IRUSR);
  const auto ca = must(load_key_files(state.root())).identity.ca.public_key();
  must(make_missing_ca(state.root()));
  CHECK(must(load_key_files(state.root())).identity.ca.public_key() == ca);
  std::filesystem::remove_all(state.identity_folder());
  must(make_missing_ca(state.root()));
  CHECK(must(load_key_files(state.root())).identity.ca.public_key() != ca);
}

TEST_CASE("key places: a file of the state directory is its owner's, and what is given has one place only") {
  const CredentialsGiven world;
  const auto state = config::StateDir(world.config.state_dir);
  ::chmod(state.identity().c_str(), S_IRUSR | S_IRGRP);
  CHECK(refused(load_key_files(state.root())).ends_with("others may read this private key; chmod 600 it"));
  world.gives("identity");
  CHECK(refused(rotate_identity(world.config))
            .ends_with("the identity is a credential, which is changed where the service is given it"));
  world.gives("host_keys");
  std::filesystem::rename(world.given / "host_keys_rsa", state.host_keys()[2]);
  CHECK(refused(load_key_files(state.root())).ends_with("credentials/host_keys_rsa: No such file or directory"));
}

TEST_CASE("key places: without the variable, or with nothing in it, there is no credential") {
  const CredentialsGiven world;
  const auto before = world.keys();
  ::setenv(kCredentialsVariable, "", 1);
  CHECK(world.keys() == before);
  CHECK(KeyPlaces(config::StateDir(world.config.state_dir)).folders().size() == 2);
  ::setenv(kCredentialsVariable, "/nonexistent", 1);
  CHECK(world.keys() == before);
}

TEST_CASE("key places: where only the public half is, the private one has to be in an agent") {
  CredentialsGiven world;
  ::unsetenv(kCredentialsVariable);
  const config::StateDir state(world.config.state_dir);
  const auto before = world.keys();
  const auto give_away = [](const std::filesystem::path& file) {
    const auto line = transport::to_line(must(transport::KeyPair::load(file)).public_key(), "");
    std::filesystem::remove(file);
    std::ofstream(file.string() + ".pub") << line << "\n";
  };
  give_away(state.host_keys()[1]);
  give_away(state.identity());
  give_away(state.ca());
  const auto load = [&](KeyAgent agent) { return load_key_files(state.root(), {}, agent); };
  CHECK(refused(load(KeyAgent::none))
            .ends_with("identity/ed25519: only the public half is here, and key_agent names no agent that has the "
                       "private one"));
  const auto files = must(load(KeyAgent::named));
  CHECK(files.identity.keys.front().is_elsewhere());
  CHECK(files.identity.ca.is_elsewhere());
  for (std::size_t i = 0; i < files.host_keys.size(); ++i) {
    CHECK(files.host_keys[i].is_elsewhere() == (i == 1));
    CHECK(files.host_keys[i].public_key() == before[i]);
  }

  // None is made in their place, and nothing changes them.
  CHECK(refused(init(world.config)).contains("key_agent names no agent"));
  world.config.key_agent = "/run/agent";
  CHECK(must(init(world.config)).contains("identity/ed25519: was there, and its private half is in the agent"));
  must(make_missing_ca(state.root()));
  CHECK_FALSE(std::filesystem::exists(state.identity()));
  CHECK_FALSE(std::filesystem::exists(state.ca()));
  for (const auto& done : {rotate_identity(world.config), finish_rotation(world.config, Need::is_no_matter)}) {
    CHECK(
        refused(done).ends_with("the private half of the identity is in an agent: it is changed there, and this file "
                                "with it"));
  }
  for (const auto& done : {rotate_ca(world.config), finish_ca_rotation(world.config, Need::is_no_matter)}) {
    CHECK(refused(done).contains("the private half of the CA is in an agent"));
  }

  // What `check` says of the agent.
  const auto bad = [&](const AskAgent& ask) {
    std::string text;
    for (const auto& finding : check(world.config, ask)) text += finding.good ? "" : finding.text + "\n";
    return text;
  };
  const auto blob = [](const transport::KeyPair& key) { return key.public_key().blob; };
  std::vector<ByteVector> there{blob(files.identity.keys.front()), blob(files.identity.ca), blob(files.host_keys[1])};
  const auto has = [&](const std::filesystem::path& socket) -> Result<std::vector<ByteVector>> {
    CHECK(socket == "/run/agent");
    return there;
  };
  CHECK(bad(has).empty());
  there.pop_back();
  CHECK(bad(has) == "the agent /run/agent: it is locked, or does not have the key ecdsa-sha2-nistp256 " +
                        transport::fingerprint(blob(files.host_keys[1])) + "\n");
  CHECK(bad([](const auto&) { return fail("it is gone"); }) == "it is gone\n");
}

TEST_CASE("key places: a host key of a type that is left out need not be there, and one that is used is missed") {
  CredentialsGiven world;
  ::unsetenv(kCredentialsVariable);
  const config::StateDir state(world.config.state_dir);
  std::filesystem::remove(state.host_keys()[0]);
  std::filesystem::remove(state.host_keys()[2]);
  CHECK(refused(load_key_files(state.root())).ends_with("host_keys/ed25519: No such file or directory"));
  CHECK(refused(load_key_files(state.root(), "ecdsa-sha2-nistp256,rsa-sha2-256")).contains("host_keys/rsa: No such"));
  CHECK(must(load_key_files(state.root(), "ecdsa-sha2-nistp256")).host_keys.size() == 1);
  CHECK(refused(load_key_files(state.root(), "rsa-sha2-256,ssh-ed25519")).contains("No such file"));
  world.config.host_key_algorithms = "ecdsa-sha2-nistp256";
  CHECK(world.bad().empty());
}

}  // namespace bastion::setup
