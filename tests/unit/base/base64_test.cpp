#include "bastion/base/base64.h"

#include <doctest/doctest.h>

namespace bastion {

TEST_CASE("base64 is what RFC 4648 section 10 says") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("Zg==") == "f");
  CHECK(decode_base64("Zm8=") == "fo");
  CHECK(decode_base64("Zm9v") == "foo");
  CHECK(decode_base64("Zm9v\nYmE=\r\n") == "fooba");
  CHECK(decode_base64("+/8=") == "\xfb\xff");
}

TEST_CASE("what is no base64 is nothing") {
  for (const auto* text : {"Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9*", "Zm 9v", "====", "-_8="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}

}  // namespace bastion
