// A file as one text.
#include "bastion/base/whole_file.h"

#include <doctest/doctest.h>

#include "tests/support/small_world.h"

namespace bastion {

using test::must;
using test::refused;

TEST_CASE("a file is read to its end, or a little beyond what is wanted of it") {
  const test::TemporaryFolder folder;
  const std::string text(200'000, 'x');
  const auto file = folder.write("file", text);
  CHECK(must(read_whole_file(file)) == text);
  CHECK(must(read_whole_file(file, text.size())) == text);
  CHECK(must(read_whole_file(file, 1000)).size() > 1000);
  CHECK(must(read_whole_file(file, 1000)).size() < text.size());
  CHECK(must(read_whole_file(folder.write("empty", ""))).empty());
}

TEST_CASE("what cannot be read says why: a folder, a file that is not there, one whose disk fails") {
  const test::TemporaryFolder folder;
  CHECK(refused(read_whole_file(folder / "missing")).ends_with("missing: No such file or directory"));
  CHECK(refused(read_whole_file(folder / "")).ends_with(": this is a folder, not a file"));
  CHECK(refused(read_whole_file("/proc/self/mem")) == "/proc/self/mem: Input/output error");
  CHECK(refused(read_whole_file(folder / std::string(300, 'a'))).ends_with(": File name too long"));
}

}  // namespace bastion
