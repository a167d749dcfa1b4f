#include "bastion/server/reload.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "bastion/loop/loop.h"
#include "tests/support/executors.h"
#include "tests/support/temporary_folder.h"

namespace bastion::server {

using std::chrono::milliseconds;

TEST_CASE("what is asked for while the file is read leads to one more reading") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("bastion.toml", "workers = 1\n");
  const auto files = test::executor();
  loop::Loop loop;
  int begun = 0;
  std::vector<int> workers;
  std::optional<Reload> reload;
  reload.emplace(loop, *files, config::Source{.file = file},
                 Reload::Steps{.begins = [&] { ++begun; },
                               .ends =
                                   [&](Result<config::Config> read) {
                                     REQUIRE(read.has_value());
                                     workers.push_back(read->workers);
                                     if (workers.size() == 2) loop.stop();
                                   }},
                 milliseconds(1));
  for (int i = 0; i < 100; ++i) reload->ask();
  CHECK(begun == 1);
  loop.post([&] { folder.write("bastion.toml", "workers = 2\n"); });
  loop.run();
  CHECK(begun == 2);
  CHECK(workers.back() == 2);
}

TEST_CASE("what is wrong is told, and the next time is another one") {
  const test::TemporaryFolder folder;
  const auto files = test::executor();
  loop::Loop loop;
  std::vector<std::string> told;
  std::optional<Reload> reload;
  reload.emplace(loop, *files, config::Source{.file = folder.write("bastion.toml", "workers = 1\nworker = 2\n")},
                 Reload::Steps{.begins = [] {},
                               .ends =
                                   [&](const Result<config::Config>& read) {
                                     told.push_back(read ? "right" : read.error().text);
                                     if (told.size() == 2) return loop.stop();
                                     folder.write("bastion.toml", "workers = 1\n");
                                     reload->ask();
                                   }},
                 milliseconds(1));
  reload->ask();
  loop.run();
  REQUIRE(told.size() == 2);
  CHECK(told[0].ends_with("bastion.toml:2: unknown key worker, did you mean workers?"));
  CHECK(told[1] == "right");
}

TEST_CASE("it may end while the file is read") {
  const test::TemporaryFolder folder;
  const auto files = test::executor();
  loop::Loop loop;
  Reload reload(loop, *files, config::Source{.file = folder.write("bastion.toml", "")},
                Reload::Steps{.begins = [] {}, .ends = [](const Result<config::Config>&) {}});
  reload.ask();
}

}  // namespace bastion::server
