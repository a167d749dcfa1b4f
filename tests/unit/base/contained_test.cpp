// The last line of defence.
#include "bastion/base/contained.h"

#include <doctest/doctest.h>

#include <new>
#include <stdexcept>
#include <string>

namespace bastion {

TEST_CASE("what was not expected is an error that gives nothing away, or a no") {
  CHECK(contained("a test", []() -> Result<int> { return 7; }).value() == 7);
  CHECK(contained("a test", []() -> Result<int> { return fail("as it was said"); }).error().text == "as it was said");
  const auto thrown = contained("a test", []() -> Result<int> { throw std::out_of_range("secret"); });
  CHECK(thrown.error().text == kInternalError);
  CHECK(contained("a test", []() -> Result<> { throw std::bad_alloc(); }).error().text == kInternalError);
  CHECK(contained("a test", [] {}));
  CHECK_FALSE(contained("a test", [] { throw std::runtime_error("\xff\x1b"); }));
  CHECK_FALSE(contained("a test", [] { throw 7; }));
}

}  // namespace bastion
