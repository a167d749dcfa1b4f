#include "bastion/admin/grammar/fold.h"

#include <doctest/doctest.h>

namespace bastion::admin {

TEST_CASE("what fits, and what has no width, stays as it is") {
  CHECK(folded("one two\n\nthree\n", 7) == "one two\n\nthree\n");
  CHECK(folded("one two three four", 0) == "one two three four");
}

TEST_CASE("a line is broken between words, and goes on further in") {
  CHECK(folded("user add NAME [--role ROLE]\n", 20) == "user add NAME\n    [--role ROLE]\n");
  CHECK(folded("  user list [--json] and more", 20) == "  user list [--json]\n      and more");
  CHECK(folded("Größe und Länge", 10) == "Größe und\n    Länge");
}

TEST_CASE("a second column stays one") {
  CHECK(folded("  --role  what she may do here\n", 22) == "  --role  what she may\n          do here\n");
  CHECK(folded("address and port  of the other one", 20) == "address and port  of\n    the other one");
}

TEST_CASE("a word that has no room stays whole") {
  CHECK(folded("key SHA256:0123456789 (learned)", 12) == "key\n    SHA256:0123456789\n    (learned)");
  CHECK(folded("0123456789", 4) == "0123456789");
}

}  // namespace bastion::admin
