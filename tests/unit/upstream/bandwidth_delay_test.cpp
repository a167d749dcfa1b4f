#include "bastion/upstream/bandwidth_delay.h"

#include <doctest/doctest.h>

namespace bastion::upstream {

using namespace std::chrono_literals;

TEST_CASE("a line holds its rate times its shortest round trip") {
  BandwidthDelay line;
  line.carried(50'000'000, 250ms);
  CHECK(line.rate() == 100'000'000);
  CHECK(line.product() == 0);
  line.took(20ms);
  CHECK(line.product() == 2'000'000);
  line.took(30ms);
  CHECK(line.product() == 2'000'000);
  line.took(500us);
  CHECK(line.product() == 50'000);
}

TEST_CASE("a line that carries less is soon taken for one that holds less") {
  BandwidthDelay line;
  line.took(10ms);
  for (int i = 0; i < 20; ++i) line.carried(25'000'000, 250ms);
  CHECK(line.rate() > 99'000'000);
  for (int i = 0; i < 20; ++i) line.carried(0, 250ms);
  CHECK(line.rate() < 1000);
}

}  // namespace bastion::upstream
