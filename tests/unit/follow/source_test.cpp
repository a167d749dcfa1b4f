#include "bastion/follow/source.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/small_world.h"

namespace bastion::follow {
namespace {

using test::must;
using test::refused;

}  // namespace

TEST_CASE("source: what is kept is what was given") {
  const Source source{.program = Source::Program::lxd,
                      .every = std::chrono::seconds{30},
                      .project = "web",
                      .interface = "enp5s0",
                      .members = {{"Node 1", "be1"}, {"Node2", "be2"}}};
  CHECK(text_of(Source{}) == "incus every=60");
  CHECK(must(parse_source("incus")) == Source{});
  CHECK(must(parse_source(text_of(Source{}))) == Source{});
  auto without_space = source;
  without_space.members = {{"Node1", "be1"}, {"Node2", "be2"}};
  CHECK(text_of(without_space) == "lxd every=30 project=web interface=enp5s0 map=Node1=be1 map=Node2=be2");
  CHECK(must(parse_source(text_of(without_space))) == without_space);
  CHECK_FALSE(is_member("Node 1"));
  CHECK_FALSE(parse_source(text_of(source)));
}

TEST_CASE("source: what is none is said to be none") {
  CHECK(refused(parse_source("")) == "\"\" is no source: it is incus or lxd");
  CHECK(refused(parse_source("docker every=60")) == "\"docker\" is no source: it is incus or lxd");
  for (const auto* wrong : {"every=9", "every=86401", "every=", "every=1m", "every=99999999999999999999", "project=-x",
                            "project=a;b", "project=$(x)", "project=", "interface=a/b", "interface=longer-than-fifteen",
                            "map=x", "map=x=", "map=x=Be1", "map==be1", "colour=red", "project"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_source("incus " + std::string(wrong)));
  }
  CHECK(refused(parse_source("incus map=a=be1 map=a=be2")) == "it says of a twice what it is called here");
}

}  // namespace bastion::follow
