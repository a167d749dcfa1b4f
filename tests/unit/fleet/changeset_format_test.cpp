#include "store/fleet/changeset_format.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "bastion/base/bytes.h"

namespace bastion::store::fleet {
namespace {

using namespace std::string_literals;

bool is_one(std::string_view bytes) { return is_changeset(bytes_of(bytes)); }

// A table `t` of two columns, the first of which is its key.
const std::string kTable = "T\x02\x01\0t\0"s;
const std::string kSeven = "\x01\0\0\0\0\0\0\0\x07"s;
const std::string kName =
    "\x03\x05"
    "alice"s;
const std::string kNull = "\x05"s;
const std::string kNothing = "\0"s;
const std::string kInserted = "\x12\0"s;
const std::string kDeleted = "\x09\0"s;
const std::string kUpdated = "\x17\0"s;

}  // namespace

TEST_CASE("changeset format: tables and their rows") {
  CHECK(is_one(""));
  CHECK(is_one(kTable));
  CHECK(is_one(kTable + kInserted + kSeven + kName));
  CHECK(is_one(kTable + kDeleted + kSeven + kNull + kInserted + kSeven + kName));
  CHECK(is_one(kTable + kUpdated + kSeven + kNothing + kNothing + kName));
  CHECK(is_one(kTable + kInserted + kSeven + kName + kTable + kDeleted + kSeven + kName));
  CHECK(is_one(kTable + kInserted + "\x02\0\0\0\0\0\0\0\0"s + "\x04\0"s));
  // A length of two bytes.
  CHECK(is_one(kTable + kInserted + kSeven + "\x03\x81\x00"s + std::string(128, 'a')));
}

TEST_CASE("changeset format: what ends before it is over is none") {
  const auto whole = kTable + kUpdated + kSeven + kName + kNothing + kName;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(is_one(whole.substr(0, size)) == (size == kTable.size()));
  }
  CHECK(is_one(whole));
}

TEST_CASE("changeset format: what SQLite would look for, and not find, is none") {
  CHECK_FALSE(is_one("T\x11\x01\0\0"s));                                         // the end of the table's name
  CHECK_FALSE(is_one("T\x02\x01\0\0"s));                                         // its name
  CHECK_FALSE(is_one("T\0t\0"s));                                                // a column
  CHECK_FALSE(is_one(kInserted + kSeven + kName));                               // a table
  CHECK_FALSE(is_one(kTable + kUpdated + kNothing + kName + kNothing + kName));  // the key of what was changed
  CHECK_FALSE(is_one(kTable + kDeleted + kSeven + kNothing));                    // a column of what was removed
  CHECK_FALSE(is_one(kTable + kInserted + kSeven + kNothing));                   // and of what was added
}

TEST_CASE("changeset format: nothing else is one") {
  CHECK_FALSE(is_one("nonsense"));
  CHECK_FALSE(is_one("P\x02\x01\0t\0"s));                                          // a patchset
  CHECK_FALSE(is_one(kTable + "\x13\0"s + kSeven + kName));                        // no such operation
  CHECK_FALSE(is_one(kTable + kInserted + kSeven + "\x06"s));                      // no such value
  CHECK_FALSE(is_one(kTable + kInserted + kSeven + "\x03\x06"s + "alice"));        // longer than what is there
  CHECK_FALSE(is_one(kTable + kInserted + kSeven + "\x03\xff\xff\xff\xff\x7f"s));  // longer than anything
  CHECK_FALSE(is_one(kTable + kInserted + kSeven + "\x03\x80\x80\x80\x80\x80\x80"s));
}

}  // namespace bastion::store::fleet
