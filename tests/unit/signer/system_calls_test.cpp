#include <doctest/doctest.h>
#include <fcntl.h>
#include <netdb.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string_view>
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

// The other one ends at once.
bool made_process(int process) {
  if (process == 0) ::_exit(0);
  return process > 0;
}

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
    CAPTURE(std::string_view(one.what));
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

TEST_CASE("who serves may do what serving takes, and starts nothing; who starts programs for it has no network") {
  if (!has_filter()) return;
  struct Case {
    const char* what;
    bool may_serving;
    bool may_launching;
    std::function<bool()> body;
  };
  const auto parent = ::getpid();
  const Case cases[] = {
      {"to make a socket", true, false, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
      {"to make one of the other protocol", true, false, [] { return ::socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }},
      {"to make one of the kernel's", true, false, [] { return ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }},
      {"to make one of this machine", true, true, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
      {"to write a file", true, true, [] { return opens("/dev/null", O_RDWR); }},
      {"to make a thread", true, true,
       [] {
         bool ran = false;
         std::thread([&] { ran = true; }).join();
         return ran;
       }},
      {"to take a name from the network", true, true,
       [] {
         addrinfo* found = nullptr;
         return ::getaddrinfo("localhost", "22", nullptr, &found) == 0;
       }},
      {"to start a program", false, true, [] { return std::system("true") == 0; }},
      {"to become another program", false, true, [] { return ::execl("/bin/true", "true", nullptr) == 0; }},
      {"to become one that is open", false, true,
       [] {
         char* none = nullptr;
         return ::syscall(SYS_execveat, ::open("/bin/true", O_PATH), "", &none, &none, AT_EMPTY_PATH) == 0;
       }},
      {"to make a process", false, true, [] { return made_process(::fork()); }},
      {"to make one that shares its memory", false, true,
       [] {
         pid_t process = -1;
         std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
         return ::posix_spawn(&process, "/bin/true", nullptr, nullptr, words.data(), nullptr) == 0;
       }},
      {"to trace another process", false, false,
       [parent] { return ::ptrace(PTRACE_SEIZE, parent, nullptr, nullptr) == 0; }},
      {"to read its memory", false, false,
       [parent] {
         char byte = 0;
         iovec here{.iov_base = &byte, .iov_len = 1};
         return ::process_vm_readv(parent, &here, 1, &here, 1, 0) == 1;
       }},
      {"to have a machine of its own", false, false, [] { return ::unshare(CLONE_NEWUSER) == 0; }},
      {"to have one by way of a process", false, false,
       [] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr) >= 0; }},
      {"to mount", false, false, [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0; }},
      {"to change the root", false, false, [] { return ::chroot("/") == 0; }},
      {"to make a program for the kernel", false, false,
       [] { return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0 || errno != EPERM; }},
      {"to use the kernel's rings", false, false,
       [] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0 || errno != EPERM; }},
      {"to see to its own page faults", false, false,
       [] { return ::syscall(SYS_userfaultfd, 0) >= 0 || errno != EPERM; }},
      {"to use the kernel's keys", false, false, [] { return ::syscall(SYS_keyctl, 0, -3, 1) >= 0 || errno != EPERM; }},
      {"to load a module", false, false, [] { return ::syscall(SYS_finit_module, -1, "", 0) >= 0 || errno != EPERM; }},
      {"to make memory code that was written", false, false, [] {
         void* const some = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return ::mprotect(some, 4096, PROT_READ | PROT_EXEC) == 0;
       }}};
  for (const auto& one : cases) {
    CAPTURE(std::string_view(one.what));
    CHECK((restricted_to(Calls::serving, one.body).status == 0) == one.may_serving);
    CHECK((restricted_to(Calls::launching, one.body).status == 0) == one.may_launching);
  }
}

TEST_CASE("who connects makes unix sockets and connections of them, and nothing else") {
  if (!has_filter()) return;
  const auto may = [](const std::function<bool()>& body) { return restricted_to(Calls::connecting, body); };
  CHECK(may([] {
          const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
          return ::connect(made, nullptr, 0) != 0 && errno != EPERM;
        }).status == 0);
  CHECK(may([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM; }).status == 1);
  CHECK(may([] { return opens("/dev/null", O_RDWR); }).status == 1);
  CHECK(may([] { return ::bind(0, nullptr, 0) == 0; }).signal == SIGSYS);
  CHECK(may([] { return ::execl("/bin/true", "true", nullptr) == 0; }).signal == SIGSYS);
}

TEST_CASE(
    "who serves makes no unix socket when it has all that it needs, in no thread, and is kept from nothing else") {
  if (!has_filter()) return;
  const auto makes = [](int family, int type) { return ::socket(family, type, 0) >= 0; };
  CHECK(restricted_to(Calls::serving, [&] {
          // One that was there before.
          std::atomic<bool> ends = false;
          std::atomic<bool> made = true;
          std::thread other([&] {
            while (!ends) std::this_thread::yield();
            made = makes(AF_UNIX, SOCK_STREAM);
          });
          const bool stopped = stop_making_local_sockets().value_or(false);
          ends = true;
          other.join();
          if (!stopped || made) return false;
          for (const int type : {int{SOCK_STREAM}, int{SOCK_DGRAM}, int{SOCK_SEQPACKET}, SOCK_STREAM | SOCK_CLOEXEC}) {
            if (makes(AF_UNIX, type)) return false;
          }
          std::array<int, 2> pair{};
          return makes(AF_INET, SOCK_STREAM) && makes(AF_INET6, SOCK_DGRAM) && makes(AF_NETLINK, SOCK_RAW) &&
                 ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0 && opens("/dev/null", O_RDWR);
        }).status == 0);
}

TEST_CASE("what is started has no more than who has started it") {
  if (!has_filter()) return;
  CHECK(restricted_to(Calls::launching, [] {
          return std::system("grep -q '^Seccomp:.2' /proc/self/status") == 0;
        }).status == 0);
}

}  // namespace
}  // namespace bastion::signer
