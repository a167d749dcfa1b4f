// What is read of a list; admin/import_test.cpp has more of it, by what an import makes of it.
#include "bastion/follow/listing.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "bastion/base/whole_file.h"
#include "tests/support/small_world.h"

namespace bastion::follow {
namespace {

using test::must;
using test::refused;

std::vector<Instance> input(const std::string& name) {
  return must(
      parse_listing(must(read_whole_file(std::filesystem::path(BASTION_SOURCE_DIR) / "tests/inputs/incus" / name))));
}

constexpr std::string_view kNoList = "this is not what `incus list --format json` prints: a list is expected";

}  // namespace

TEST_CASE("listing: what LXD 5 prints") {
  const auto all = input("lxd-5.0.2-all-projects.json");
  REQUIRE(all.size() > 1);
  for (const auto& instance : all) {
    CAPTURE(instance.name);
    CHECK(instance.location == "none");
    CHECK_FALSE(instance.name.empty());
    CHECK_FALSE(instance.project.empty());
    if (instance.is_running()) CHECK(address_in(instance, std::nullopt));
  }
}

TEST_CASE("listing: a member of a cluster of Incus") {
  const auto one = must(parse_listing(R"([{"name": "web", "project": "default", "status": "Running",
      "location": "node-2", "type": "container", "devices": {},
      "expanded_devices": {"eth0": {"type": "nic", "name": "eth0", "network": "incusbr0"}},
      "state": {"network": {
        "eth0": {"host_name": "veth1", "addresses": [
          {"family": "inet6", "scope": "link", "address": "fe80::1"},
          {"family": "inet6", "scope": "global", "address": "FD42::0:5"},
          {"family": "inet", "scope": "global", "address": "10.0.3.5"}]},
        "lo": {"host_name": "", "addresses": [{"family": "inet", "scope": "local", "address": "127.0.0.1"}]}}}}])"));
  REQUIRE(one.size() == 1);
  CHECK(one.front() == Instance{.name = "web",
                                .project = "default",
                                .location = "node-2",
                                .status = "Running",
                                .cards = {{.name = "eth0", .is_of_profile = true, .address = "10.0.3.5"}},
                                .addresses = {"10.0.3.5", "fd42::5"}});
}

TEST_CASE("listing: what is no list is refused, and what is no instance in it is one without a name") {
  for (const auto* wrong :
       {"", "{}", "7", "null", "[", "[{]", "[{\"name\": \"a\"}", "\"[]\"", "[]]", "\xff\xfe", "[\"\xff\"]"}) {
    CAPTURE(wrong);
    CHECK(refused(parse_listing(wrong)) == kNoList);
  }
  CHECK(must(parse_listing("[]")).empty());
  for (const auto* odd :
       {"7", "null", "[]", "\"web\"", "{}", R"({"name": {}})", R"({"name": ["web"]})", R"({"name": null})",
        R"({"name": "", "state": 5, "devices": [1], "expanded_devices": "x"})",
        R"({"expanded_devices": {"eth0": 4}, "state": {"network": [1, 2]}})",
        R"({"state": {"network": {"eth0": {"host_name": "v", "addresses": {"family": "inet"}}}}})",
        R"({"state": {"network": {"eth0": {"host_name": "v", "addresses": [{"family": "inet", "scope": "global",
            "address": "10.0.3.5; rm"}, 5, null]}}}})"}) {
    CAPTURE(odd);
    const auto one = must(parse_listing(fmt::format("[{}]", odd)));
    REQUIRE(one.size() == 1);
    CHECK(one.front().name.empty());
    CHECK(one.front().cards.empty());
    CHECK(refused(address_in(one.front(), std::nullopt)) == "it is not running, and has no static address");
  }
}

TEST_CASE("listing: one that is too deep or too long is none") {
  CHECK(refused(parse_listing(std::string(100, '['))) == kNoList);
  std::string many = "[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  CHECK(refused(parse_listing(many + "]")) == "these are more than 100000 instances");
}

}  // namespace bastion::follow
