#include "bastion/server/connection_limiter.h"

#include <doctest/doctest.h>

namespace bastion::server {

TEST_CASE("strangers are counted in all and by source, until they are strangers no more") {
  ConnectionLimiter limiter(3, 2);
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  CHECK(limiter.refused_by("192.0.2.1") == "max_startups_per_source");
  CHECK_FALSE(limiter.refused_by("192.0.2.2"));
  CHECK(limiter.refused_by("192.0.2.3") == "max_startups");
  CHECK(limiter.refused_by("192.0.2.1") == "max_startups_per_source");
  limiter.settle("192.0.2.1");
  CHECK_FALSE(limiter.refused_by("192.0.2.3"));
}

TEST_CASE("settling what was never admitted changes nothing") {
  ConnectionLimiter limiter(1, 1);
  limiter.settle("192.0.2.1");
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  CHECK(limiter.refused_by("192.0.2.2"));
}

TEST_CASE("a source that was turned away is not remembered") {
  ConnectionLimiter limiter(1, 1);
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  for (int i = 0; i < 100; ++i) CHECK(limiter.refused_by("192.0.2.1"));
  limiter.settle("192.0.2.1");
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
}

TEST_CASE("other limits count for whoever comes, not for whoever is there") {
  ConnectionLimiter limiter(2, 2);
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  limiter.limit(1, 1);
  CHECK(limiter.refused_by("192.0.2.2"));
  limiter.settle("192.0.2.1");
  CHECK(limiter.refused_by("192.0.2.1"));
  limiter.limit(3, 2);
  CHECK_FALSE(limiter.refused_by("192.0.2.1"));
  CHECK(limiter.refused_by("192.0.2.1"));
  CHECK_FALSE(limiter.refused_by("192.0.2.2"));
}

}  // namespace bastion::server
