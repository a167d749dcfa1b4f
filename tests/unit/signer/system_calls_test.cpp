#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "bastion/signer/confinement.h"

namespace bastion::signer {
namespace {

struct Ended {
  int status = -1;  // of its exit
  int signal = 0;   // that ended it
};

// What becomes of a process that may only do this.
Ended restricted_to(Calls calls, const std::function<bool()>& body) {
  const auto process = ::fork();
  if (process == 0) {
    if (!allow_only(calls).value_or(false)) ::_exit(77);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.status = WEXITSTATUS(status)};
}

bool opens(const char* file, int how) { return ::open(file, how, 0600) >= 0; }

// A build with sanitizers, or a machine that there is no list for.
bool has_filter() {
  return restricted_to(Calls::messages, [] { return true; }).status == 0;
}

TEST_CASE("what a process may call is what it needs") {
  if (!has_filter()) {
    MESSAGE("there is no filter in this build");
    return;
  }
  struct Case {
    const char* what;
    bool with_files;  // whether who may open files may do it
    bool without;
    std::function<bool()> body;
  };
  const Case cases[] = {
      {"to read a file", true, false, [] { return opens("/etc/passwd", O_RDONLY | O_CLOEXEC); }},
      {"to write one", false, false, [] { return opens("/dev/null", O_WRONLY); }},
      {"to read and write one", false, false, [] { return opens("/dev/null", O_RDWR); }},
      {"to make one", false, false, [] { return opens("/tmp/bastion-is-not-to-make-this", O_RDONLY | O_CREAT); }},
      {"to remove one", false, false, [] { return ::unlink("/tmp/bastion-has-not-made-this") == 0 || errno != EPERM; }},
      {"to make memory code", false, false,
       [] { return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED; }},
      {"to make a process", false, false, [] { return ::fork() >= 0; }},
      {"to make a thread", true, true,
       [] {
         bool ran = false;
         std::thread([&] { ran = true; }).join();
         return ran;
       }},
      {"to write where it may", true, true, [] { return ::write(STDERR_FILENO, "", 0) == 0; }}};
  for (const auto& one : cases) {
    CAPTURE(one.what);
    CHECK((restricted_to(Calls::messages_and_files, one.body).status == 0) == one.with_files);
    CHECK((restricted_to(Calls::messages, one.body).status == 0) == one.without);
  }
}

TEST_CASE("a network and other programs are not even asked for") {
  if (!has_filter()) return;
  for (const auto calls : {Calls::messages, Calls::messages_and_files}) {
    CHECK(restricted_to(calls, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }).signal == SIGSYS);
    CHECK(restricted_to(calls, [] { return ::execl("/bin/true", "true", nullptr) == 0; }).signal == SIGSYS);
  }
}

}  // namespace
}  // namespace bastion::signer
