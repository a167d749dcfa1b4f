#include "bastion/signer/confinement.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "tests/support/small_world.h"

namespace bastion::signer {
namespace {

using test::must;

// What a process says of itself when it has given something up; this one is to keep it.
bool holds_in_a_child(const std::function<bool()>& body) {
  const auto process = ::fork();
  if (process == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool can_open(const std::filesystem::path& file, int how) {
  const int opened = ::open(file.c_str(), how | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened >= 0) ::close(opened);
  return opened >= 0;
}

struct Site {
  test::TemporaryFolder folder;
  std::filesystem::path keys = folder / "state/keys";
  std::filesystem::path other = folder / "state/servers";
  std::filesystem::path linked = folder / "elsewhere/linked";

  Site() {
    for (const auto& each : {keys, other, linked.parent_path()}) std::filesystem::create_directories(each);
    folder.write("state/keys/ed25519", "secret");
    folder.write("state/servers/one", "1");
    folder.write("state/database", "data");
    folder.write("elsewhere/linked", "secret too");
    folder.write("elsewhere/public", "public");
    std::filesystem::create_symlink(linked, keys / "rsa");
  }
};

// A kernel without it is no fault of ours, and no test of it either.
bool has_landlock() {
  const Site site;
  return holds_in_a_child([&] { return stop_reading({site.keys}).value_or(false); });
}

TEST_CASE("what is given up cannot be read any more, by no name, and all else can") {
  if (!has_landlock()) {
    MESSAGE("this kernel has no landlock");
    return;
  }
  const Site site;
  CHECK(can_open(site.keys / "ed25519", O_RDONLY));
  CHECK(holds_in_a_child([&] {
    return *stop_reading({site.keys}) && !can_open(site.keys / "ed25519", O_RDONLY) &&
           !can_open(site.keys / "ed25519", O_RDWR) && !can_open(site.keys / "rsa", O_RDONLY) &&
           !can_open(site.linked, O_RDONLY) && !can_open(site.keys / ".." / "keys" / "ed25519", O_RDONLY);
  }));
  CHECK(holds_in_a_child([&] {
    std::ignore = stop_reading({site.keys});
    std::error_code error;
    std::filesystem::rename(site.keys / "ed25519", site.other / "taken", error);
    if (!error) return false;
    std::filesystem::create_hard_link(site.keys / "ed25519", site.other / "linked", error);
    if (!error) return false;
    // Its new name is as closed as the old one.
    std::filesystem::rename(site.keys, site.folder / "state/renamed");
    return !can_open(site.folder / "state/renamed/ed25519", O_RDONLY);
  }));
  std::filesystem::rename(site.folder / "state/renamed", site.keys);
  CHECK(holds_in_a_child([&] {
    std::ignore = stop_reading({site.keys});
    return can_open(site.other / "one", O_RDWR) && can_open(site.folder / "state/database", O_RDWR) &&
           can_open(site.other / "new", O_RDWR | O_CREAT) && can_open(site.folder / "elsewhere/public", O_RDONLY) &&
           can_open("/etc/passwd", O_RDONLY) && can_open("/proc/self/status", O_RDONLY);
  }));
  CHECK(holds_in_a_child([&] {
    std::ignore = stop_reading({site.keys}, {site.keys / "ed25519", site.keys / "not there"});
    return can_open(site.keys / "ed25519", O_RDONLY) && !can_open(site.keys / "rsa", O_RDONLY);
  }));
  // What starts a program gives it nothing back.
  CHECK(holds_in_a_child([&] {
    std::ignore = stop_reading({site.keys});
    return std::system(("cat " + (site.keys / "ed25519").string() + " 2>/dev/null").c_str()) != 0;
  }));
}

TEST_CASE("who leaves all files opens those that were named, and only to read them") {
  if (!has_landlock()) {
    MESSAGE("this kernel has no landlock");
    return;
  }
  const Site site;
  CHECK(holds_in_a_child([&] {
    return *leave_files({site.other}) && can_open(site.other / "one", O_RDONLY) &&
           !can_open(site.other / "one", O_RDWR) && !can_open(site.other / "new", O_WRONLY | O_CREAT) &&
           !can_open(site.keys / "ed25519", O_RDONLY) && !can_open("/etc/passwd", O_RDONLY);
  }));
  CHECK(holds_in_a_child([&] { return *leave_files({}) && !can_open(site.other / "one", O_RDONLY); }));
}

TEST_CASE("who stops writing reads all but what was named, and starts programs that do the same") {
  if (!has_landlock()) {
    MESSAGE("this kernel has no landlock");
    return;
  }
  const Site site;
  CHECK(holds_in_a_child([&] {
    return *stop_writing({site.keys}) && can_open(site.other / "one", O_RDONLY) && can_open("/etc/passwd", O_RDONLY) &&
           can_open("/dev/null", O_RDWR) && !can_open(site.other / "one", O_RDWR) &&
           !can_open(site.other / "new", O_WRONLY | O_CREAT) && !can_open(site.keys / "ed25519", O_RDONLY) &&
           !can_open(site.linked, O_RDONLY) && ::unlink((site.other / "one").c_str()) != 0;
  }));
  CHECK(holds_in_a_child([&] {
    const auto runs = [](const std::string& line) { return std::system((line + " 2>/dev/null").c_str()) == 0; };
    return *stop_writing({site.keys}) && runs("grep -q 1 " + (site.other / "one").string()) &&
           !runs("grep -q secret " + (site.keys / "ed25519").string()) &&
           !runs("touch " + (site.other / "new").string());
  }));
}

TEST_CASE("memory that is kept private gets into no core file, and no other process of the account reads it") {
  CHECK(holds_in_a_child([] {
    keep_memory_private();
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    return core.rlim_cur == 0 && core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  }));
}

}  // namespace
}  // namespace bastion::signer
