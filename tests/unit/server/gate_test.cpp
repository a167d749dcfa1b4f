#include "bastion/server/gate.h"

#include <doctest/doctest.h>

namespace bastion::server {

TEST_CASE("strangers are counted in all and by source, until they are strangers no more") {
  Gate gate(3, 2);
  CHECK(gate.admit("192.0.2.1"));
  CHECK(gate.admit("192.0.2.1"));
  CHECK_FALSE(gate.admit("192.0.2.1"));
  CHECK(gate.admit("192.0.2.2"));
  CHECK_FALSE(gate.admit("192.0.2.3"));
  gate.settle("192.0.2.1");
  CHECK(gate.admit("192.0.2.3"));
}

TEST_CASE("settling what was never admitted changes nothing") {
  Gate gate(1, 1);
  gate.settle("192.0.2.1");
  CHECK(gate.admit("192.0.2.1"));
  CHECK_FALSE(gate.admit("192.0.2.2"));
}

TEST_CASE("a source that was turned away is not remembered") {
  Gate gate(1, 1);
  CHECK(gate.admit("192.0.2.1"));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(gate.admit("192.0.2.1"));
  gate.settle("192.0.2.1");
  CHECK(gate.admit("192.0.2.1"));
}

TEST_CASE("other limits count for whoever comes, not for whoever is there") {
  Gate gate(2, 2);
  CHECK(gate.admit("192.0.2.1"));
  CHECK(gate.admit("192.0.2.1"));
  gate.limit(1, 1);
  CHECK_FALSE(gate.admit("192.0.2.2"));
  gate.settle("192.0.2.1");
  CHECK_FALSE(gate.admit("192.0.2.1"));
  gate.limit(3, 2);
  CHECK(gate.admit("192.0.2.1"));
  CHECK_FALSE(gate.admit("192.0.2.1"));
  CHECK(gate.admit("192.0.2.2"));
}

}  // namespace bastion::server
