#include "bastion/server/source_slots.h"

#include <doctest/doctest.h>

namespace bastion::server {
namespace {

config::Config slots_config() {
  config::Config config;
  config.source_block = {.ipv4 = 24, .ipv6 = 64};
  config.exempt = {*Network::parse("192.0.2.0/24")};
  return config;
}

}  // namespace

TEST_CASE("slots of sources: so many for each, and given back with what has them") {
  SourceSlots slots(2, slots_config());
  auto one = slots.take("10.0.0.1");
  CHECK(one);
  {
    const auto two = slots.take("10.0.0.2");
    CHECK(two);
    CHECK_FALSE(slots.take("10.0.0.3"));
    CHECK(slots.take("10.0.1.1"));
    CHECK(slots.take("2001:db8::1"));
  }
  auto moved = std::move(*one);
  one.reset();
  const auto again = slots.take("10.0.0.3");
  CHECK(again);
  CHECK_FALSE(slots.take("10.0.0.4"));
}

TEST_CASE("slots of sources: one that is exempt has as many as it likes, and what is taken outlives who counts it") {
  std::optional<SourceSlots::Slot> last;
  {
    SourceSlots slots(1, slots_config());
    const auto one = slots.take("192.0.2.1");
    CHECK(slots.take("192.0.2.1"));
    last.emplace(*slots.take("10.0.0.1"));
    CHECK_FALSE(slots.take("10.0.0.1"));
  }
  last.reset();
}

}  // namespace bastion::server
