#include "bastion/base/sealing_key.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace bastion {
namespace {

struct KeyFolder {
  test::TemporaryFolder folder;
  std::filesystem::path file = folder / "seal";
  SealingKey key = SealingKey::load_or_make(file).value();
};

}  // namespace

TEST_CASE("sealing: what was sealed is opened by the same key, for the same user") {
  const KeyFolder ours;
  const auto secret = bytes_of("a secret of twenty b");
  const auto sealed = ours.key.seal(secret, "alice").value();
  CHECK(std::string(text_of(sealed)).find("a secret") == std::string::npos);
  CHECK(sealed != ours.key.seal(secret, "alice").value());
  CHECK(text_of(ours.key.unseal(sealed, "alice").value()) == text_of(secret));
  CHECK(text_of(SealingKey::load(ours.file)->unseal(sealed, "alice").value()) == text_of(secret));
  CHECK_FALSE(ours.key.unseal(sealed, "bob"));
  const KeyFolder others;
  REQUIRE_FALSE(others.key.unseal(sealed, "alice"));
  CHECK(others.key.unseal(sealed, "alice").error().text.find("another key") != std::string::npos);
  CHECK(ours.key.has_sealed(sealed));
  CHECK_FALSE(others.key.has_sealed(sealed));
}

TEST_CASE("sealing: no byte can be changed or left out") {
  const KeyFolder ours;
  const auto sealed = ours.key.seal(bytes_of("secret"), "alice").value();
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] ^= 1;
    CHECK_FALSE(ours.key.unseal(changed, "alice"));
    CHECK_FALSE(ours.key.unseal(Bytes(sealed).first(at), "alice"));
  }
}

TEST_CASE("sealing: the key is a file that nobody else reads, and made once") {
  const KeyFolder ours;
  struct stat status{};
  REQUIRE(::stat(ours.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  const auto sealed = ours.key.seal(bytes_of("secret"), "alice").value();
  CHECK(SealingKey::make(ours.file));
  CHECK(SealingKey::load_or_make(ours.file)->unseal(sealed, "alice"));
  REQUIRE(::chmod(ours.file.c_str(), 0640) == 0);
  CHECK(SealingKey::load(ours.file).error().text.find("chmod 600") != std::string::npos);
  CHECK(SealingKey::load_credential(ours.file));
  std::ofstream(ours.file) << "seal-00\n";
  CHECK(SealingKey::load_credential(ours.file).error().text.find("no key to seal") != std::string::npos);
  CHECK_FALSE(SealingKey::load_or_make(ours.folder / "nowhere" / "seal"));
}

}  // namespace bastion
