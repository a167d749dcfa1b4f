#include "bastion/loop/local_listener.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "bastion/loop/loop.h"
#include "tests/support/temporary_folder.h"

namespace bastion::loop {

TEST_CASE("whoever has the rights of the file gets through") {
  const test::TemporaryFolder folder;
  const auto file = folder / "door";
  Loop loop;
  int connections = 0;
  auto listener = LocalListener::open(loop, file, [&](Descriptor connection) {
    CHECK(connection.valid());
    ++connections;
    loop.stop();
  });
  REQUIRE(listener);
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  const auto connection = connect_local(file);
  REQUIRE(connection);
  loop.run();
  CHECK(connections == 1);
  listener->reset();
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(connect_local(file).has_value());
}

TEST_CASE("what a killed server has left is replaced, and what another one has made is left alone") {
  const test::TemporaryFolder folder;
  const auto file = folder / "door";
  std::ofstream(file) << "left over";
  Loop loop;
  auto first = LocalListener::open(loop, file, [](const Descriptor&) {});
  REQUIRE(first);
  auto second = LocalListener::open(loop, file, [](const Descriptor&) {});
  REQUIRE(second);
  first->reset();
  CHECK(connect_local(file).has_value());
}

TEST_CASE("a path no socket can have says so") {
  Loop loop;
  const auto refused = LocalListener::open(loop, "/tmp/" + std::string(200, 'x'), [](const Descriptor&) {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.contains("too long"));
}

}  // namespace bastion::loop
