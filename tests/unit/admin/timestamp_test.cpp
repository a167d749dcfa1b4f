#include "bastion/admin/manifest/timestamp.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::admin {

TEST_CASE("points in time as people write them") {
  struct Row {
    std::string_view text;
    std::string_view timestamp;
  };
  const Row rows[] = {
      {"2026-12-31", "2026-12-31T00:00:00Z"}, {"2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"},
      {"90m", "2001-09-09T03:16:40Z"},        {"12h", "2001-09-09T13:46:40Z"},
      {"30d", "2001-10-09T01:46:40Z"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto timestamp = parse_timestamp(row.text, 1'000'000'000);
    REQUIRE(timestamp);
    CHECK(text_of_timestamp(*timestamp) == row.timestamp);
  }
}

TEST_CASE("a length of time leads back from now where the past is meant") {
  CHECK(text_of_timestamp(*parse_past_timestamp("12h", 1'000'000'000)) == "2001-09-08T13:46:40Z");
  CHECK(text_of_timestamp(*parse_past_timestamp("2026-12-31", 0)) == "2026-12-31T00:00:00Z");
  CHECK_FALSE(parse_past_timestamp("yesterday", 0));
}

TEST_CASE("lengths of time are printed as they are written") {
  for (const auto* text : {"1s", "90s", "30m", "12h", "25h", "30d"}) {
    CAPTURE(text);
    CHECK(text_of_duration(*parse_duration(text)) == text);
  }
  CHECK(text_of_duration(*parse_duration("60s")) == "1m");
  CHECK(text_of_duration(*parse_duration("24h")) == "1d");
  CHECK(text_of_duration(0) == "0s");
  for (const auto* text : {"", "0s", "1", "1.5h", "soon", "2026-12-31"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("what is no point in time") {
  for (const auto* text : {"", "d", "0d", "-1d", "1.5h", "1y", "999999999999d", "tomorrow", "2026-13-01", "2026-02-29",
                           "2026-1-1", "2026-12-31T24:00:00Z", "2026-12-31T23:59:59", "2026-12-31 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text, 0));
  }
}

}  // namespace bastion::admin
