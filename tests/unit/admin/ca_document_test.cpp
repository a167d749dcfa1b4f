// CAs and revocations in the document of a directory.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/read_manifest.h"
#include "bastion/transport/keys.h"
#include "store/cas.h"
#include "store/revocations.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using Texts = std::vector<std::string>;

const std::string kCorp = test::kAliceKey;
const std::string kOps = test::kOtherKey;

struct CaDocumentWorld : test::SmallWorld {
  Result<std::vector<Change>> tries(std::string_view text, Unnamed unnamed = Unnamed::stay) {
    const auto document = parse_directory(text);
    if (!document) return std::unexpected(document.error());
    return database.change([&] { return apply(database, *document, unnamed, kNow); });
  }
  Texts applied(std::string_view text, Unnamed unnamed = Unnamed::stay) {
    Texts lines;
    for (const auto& change : must(tries(text, unnamed))) {
      lines.push_back(fmt::format("{} {} {}{}{}", text_of(change.kind), change.what, change.name,
                                  change.detail.empty() ? "" : ": ", change.detail));
    }
    return lines;
  }
  std::string exported() { return to_json(must(read_manifest(database))).dump(); }
};

std::string with(std::string_view list, std::string_view entries) {
  return fmt::format(R"({{"version": 1, "{}": [{}]}})", list, entries);
}
std::string corp(std::string_view more = "") {
  return fmt::format(R"({{"name": "corp", "key": "{}"{}}})", kCorp, more);
}
std::string of_corp(std::string_view what) { return fmt::format(R"({{"ca": "{}", {}}})", kCorp, what); }

}  // namespace

TEST_CASE("a document has CAs: they come, change and go with it") {
  CaDocumentWorld world;
  CHECK(world.applied(with("cas", corp())) == Texts{"add ca corp: principals user"});
  CHECK(world.applied(with("cas", corp())).empty());
  CHECK(world.applied(with("cas", corp(R"(, "principals": ["user", "ops-*=alice"])"))) ==
        Texts{"change ca corp: principals user -> user,ops-*=alice"});
  CHECK(world.applied(with("cas", corp())).empty());
  CHECK(must(world.cas.find("corp"))->principals == "user,ops-*=alice");
  CHECK(refused(world.tries(with("cas", fmt::format(R"({{"name": "corp", "key": "{}"}})", kOps))))
            .contains("CA corp: it has another key here, SHA256:"));
  CHECK(world.applied(with("cas", corp(R"(, "roles": ["operator", "user"])"))) ==
        Texts{"change ca corp: roles every -> user,operator"});
  CHECK(world.applied(with("cas", corp())).empty());
  CHECK(must(world.cas.find("corp"))->roles == "user,operator");
  CHECK(world.applied(with("cas", corp(R"(, "roles": null)"))) ==
        Texts{"change ca corp: roles user,operator -> every"});
  CHECK(world.applied(R"({"version": 1})", Unnamed::go).empty());
  // What goes leaves its name and its key to what comes.
  CHECK(world.applied(with("cas", fmt::format(R"({{"name": "new", "key": "{}"}})", kCorp)), Unnamed::go) ==
        Texts{"remove ca corp", "add ca new: principals user"});
  CHECK(world.applied(with("cas", ""), Unnamed::go) == Texts{"remove ca new"});
}

TEST_CASE("a document has revocations, and takes none back") {
  CaDocumentWorld world;
  const std::string key = R"({"key": "SHA1:pi8iJb9wv6zLx/HvKjl4NnFzd94"})";
  const auto all =
      with("revocations", key + "," + of_corp(R"("serial": "7")") + "," + of_corp(R"("serial": "10-20")") + "," +
                              of_corp(R"("key_id": "lost laptop")") + "," + R"({"ca": "every", "serial": "9"})");
  CHECK(world.applied(all) == Texts{"add revocation key SHA1:pi8iJb9wv6zLx/HvKjl4NnFzd94", "add revocation serial 7",
                                    "add revocation serial 10-20", "add revocation key_id lost laptop",
                                    "add revocation serial 9"});
  CHECK(world.applied(all).empty());
  CHECK(world.applied(with("revocations", ""), Unnamed::go).empty());
  CHECK(must(world.revocations.all()).size() == 5);
  const auto blob = must(transport::parse_public_key(kCorp)).key.blob;
  const auto revoked = [&](std::uint64_t serial) {
    return must(world.revocations.is_revoked({.ca = blob, .key = test::blob("k"), .serial = serial, .key_id = "id"}));
  };
  CHECK(revoked(15));
  CHECK(revoked(9));
  CHECK_FALSE(revoked(8));
}

TEST_CASE("what was exported makes CAs and revocations the same elsewhere") {
  CaDocumentWorld world;
  world.applied(with("cas", corp(R"(, "principals": ["ops-*=alice"], "roles": ["user", "auditor"])")));
  world.applied(with("revocations", of_corp(R"("serial": "10-20")") + R"(, {"ca": "every", "key_id": "id"})"));
  CaDocumentWorld other;
  other.applied(world.exported());
  CHECK(other.exported() == world.exported());
  CHECK(other.applied(world.exported(), Unnamed::go).empty());
}

TEST_CASE("what a document says wrong of CAs and revocations is said, and where") {
  CaDocumentWorld world;
  struct Row {
    std::string text;
    std::string_view error;
  };
  const Row rows[] = {
      {with("cas", R"({"name": "corp"})"), "cas[0] (corp), key: it is missing"},
      {with("cas", R"({"name": "corp", "key": "x"})"), "cas[0] (corp): this is not a public key"},
      {with("cas", corp(R"(, "principals": ["x"])")), "cas[0] (corp), principals: "},
      {with("cas", corp(R"(, "roles": ["users"])")), "cas[0] (corp), roles: there is no role \"users\""},
      {with("cas", corp() + "," + corp()), "cas[1]: corp is there already, as cas[0]"},
      {with("revocations", "{}"), "revocations[0]: it revokes a key, or with ca a serial or a key_id: one of them"},
      {with("revocations", R"({"key": "SHA256:x"})"), "revocations[0], key: SHA256:x is no fingerprint"},
      {with("revocations", R"({"serial": "7"})"), "revocations[0]: ca is missing"},
      {with("revocations", of_corp(R"("serial": "7", "key_id": "x")")), "revocations[0]: it revokes a key, or"},
      {with("revocations", of_corp(R"("serial": "20-10")")), "revocations[0], serial: 20-10: the first"},
      {with("revocations", R"({"ca": "x", "serial": "1"})"), "revocations[0], ca: this is not a public key"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto error = refused(world.tries(row.text));
    CAPTURE(error);
    CHECK(error.starts_with(row.error));
  }
}

}  // namespace bastion::admin
