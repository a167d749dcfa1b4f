// The filter of confinement.h: a program for the kernel, that looks at each system call (seccomp(2), bpf in
// linux/filter.h).
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "bastion/signer/confinement.h"
#include "bastion/signer/sanitizer.h"

#if !BASTION_HAS_SANITIZER && defined(__x86_64__)
#define BASTION_ARCHITECTURE AUDIT_ARCH_X86_64
#elif !BASTION_HAS_SANITIZER && defined(__aarch64__)
#define BASTION_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

namespace bastion::signer {

#ifdef BASTION_ARCHITECTURE
namespace {

// Threads, memory, time, signals, and talking over what is open.
constexpr std::uint32_t kMessages[] = {
    SYS_read,
    SYS_readv,
    SYS_write,
    SYS_writev,
    SYS_sendto,
    SYS_sendmsg,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_shutdown,
    SYS_close,
    SYS_ppoll,
    SYS_eventfd2,
    SYS_fstat,
    SYS_newfstatat,
    SYS_lseek,
    SYS_futex,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_madvise,
    SYS_munmap,
    SYS_mremap,
    SYS_brk,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_tgkill,
    SYS_getpid,
    SYS_gettid,
    SYS_wait4,
    SYS_exit,
    SYS_exit_group,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_restart_syscall,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_getattr,
    SYS_sched_setattr,
#ifdef SYS_poll
    SYS_poll,
#endif
};

// What SQLite reads a database with. SYS_openat has a rule of its own.
constexpr std::uint32_t kFiles[] = {
    SYS_pread64, SYS_faccessat, SYS_faccessat2, SYS_fcntl,    SYS_readlinkat, SYS_getcwd,
    SYS_geteuid, SYS_getuid,    SYS_statfs,     SYS_fstatfs,  SYS_statx,
#ifdef SYS_stat
    SYS_stat,    SYS_lstat,     SYS_access,     SYS_readlink,
#endif
};

constexpr std::uint32_t kConnecting[] = {SYS_connect, SYS_setsockopt, SYS_getsockopt};

// Nobody but an intruder has use for these.
constexpr std::uint32_t kFatal[] = {
    SYS_execve, SYS_execveat, SYS_socket,           SYS_connect,           SYS_bind,
    SYS_listen, SYS_ptrace,   SYS_process_vm_readv, SYS_process_vm_writev,
#ifdef SYS_fork
    SYS_fork,   SYS_vfork,
#endif
};

// What the process that serves has no use for, nor a library that it uses, nor ssh: to look into other
// processes, to have more of the machine or a part of its own, and what has been a way into the kernel more than once.
// Libraries that try go on without (libuv and io_uring).
constexpr std::uint32_t kNotServing[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_bpf,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_fanotify_init,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_lookup_dcookie,
    SYS_nfsservctl,
    SYS_personality,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};
// Nor that. Of SYS_clone it needs those that make a thread.
constexpr std::uint32_t kPrograms[] = {
    SYS_execve,
    SYS_execveat,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
};
constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                      CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME;

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

class Program {
 public:
  Program() {
    load(offsetof(seccomp_data, arch));
    unless_equal(BASTION_ARCHITECTURE, SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
  }

  void decide(std::uint32_t call, std::uint32_t what) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    add(BPF_RET | BPF_K, what);
  }
  // Allows the call when the argument, of which the lower half counts, has one of the bits that are needed, and none of
  // those that are forbidden; 0: that is not looked at.
  struct Bits {
    std::uint32_t needed = 0;
    std::uint32_t forbidden = 0;
  };
  void decide_by(std::uint32_t call, unsigned argument, Bits bits) {
    const auto tests = static_cast<std::uint8_t>((bits.needed != 0 ? 1 : 0) + (bits.forbidden != 0 ? 1 : 0));
    begin_with(call, argument, tests);
    // Each goes to the line behind it, the refusal behind the last one, or over that.
    if (bits.forbidden != 0) {
      const auto more = static_cast<std::uint8_t>(bits.needed != 0 ? 1 : 0);
      add(BPF_JMP | BPF_JSET | BPF_K, bits.forbidden, more, more == 0 ? 1 : 0);
    }
    if (bits.needed != 0) add(BPF_JMP | BPF_JSET | BPF_K, bits.needed, 1, 0);
    refuse_or_allow();
  }
  // The same when the argument is this.
  void decide_by_value(std::uint32_t call, unsigned argument, std::uint32_t value) {
    begin_with(call, argument, 1);
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    refuse_or_allow();
  }
  // Refuses it then, and says nothing of it else.
  void refuse_value(std::uint32_t call, unsigned argument, std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    add(BPF_RET | BPF_K, kRefused);
    load(offsetof(seccomp_data, nr));
  }
  void allow_others() { add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW); }
  void refuse_others() { add(BPF_RET | BPF_K, kRefused); }

  [[nodiscard]] sock_fprog native() {
    return {.len = static_cast<unsigned short>(instructions_.size()), .filter = instructions_.data()};
  }

 private:
  // Over all of it where it is another call.
  void begin_with(std::uint32_t call, unsigned argument, std::uint8_t tests) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, static_cast<std::uint8_t>(tests + 3));
    load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  }
  void refuse_or_allow() {
    add(BPF_RET | BPF_K, kRefused);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  void add(std::uint16_t code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    instructions_.push_back({.code = code, .jt = if_true, .jf = if_false, .k = value});
  }
  // The lower half of what is longer: both machines have the low byte first.
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void unless_equal(std::uint32_t value, std::uint32_t what) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    add(BPF_RET | BPF_K, what);
  }

  std::vector<sock_filter> instructions_;
};

// Who serves starts no program: the launcher does, which has no network. What that starts has the same filter.
Program program_for_serving(Calls calls) {
  Program program;
  for (const auto call : kNotServing) program.decide(call, kRefused);
  program.decide_by(SYS_mprotect, 2, {.forbidden = PROT_EXEC});
  if (calls == Calls::serving) {
    for (const auto call : kPrograms) program.decide(call, kRefused);
    program.decide_by(SYS_clone, 0, {.needed = CLONE_THREAD, .forbidden = kNamespaces});
  } else {
    program.decide_by_value(SYS_socket, 0, AF_UNIX);
    program.decide_by(SYS_clone, 0, {.forbidden = kNamespaces});
  }
  program.decide(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  program.allow_others();
  return program;
}

Program program_for(Calls calls) {
  if (calls == Calls::serving || calls == Calls::launching) return program_for_serving(calls);
  Program program;
  for (const auto call : kMessages) program.decide(call, SECCOMP_RET_ALLOW);
  if (calls == Calls::connecting) {
    program.decide_by_value(SYS_socket, 0, AF_UNIX);
    for (const auto call : kConnecting) program.decide(call, SECCOMP_RET_ALLOW);
  }
  for (const auto call : kFatal) program.decide(call, SECCOMP_RET_KILL_PROCESS);
  // No memory becomes code. A thread is made, and no process; what a filter cannot look into is asked for otherwise.
  program.decide_by(SYS_mmap, 2, {.forbidden = PROT_EXEC});
  program.decide_by(SYS_mprotect, 2, {.forbidden = PROT_EXEC});
  program.decide_by(SYS_clone, 0, {.needed = CLONE_THREAD});
  program.decide(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  if (calls != Calls::messages) {
    for (const auto call : kFiles) program.decide(call, SECCOMP_RET_ALLOW);
    program.decide_by(SYS_openat, 2, {.forbidden = O_ACCMODE | O_CREAT | O_TRUNC});
  }
  program.refuse_others();
  return program;
}

Program program_without_local_sockets() {
  Program program;
  program.refuse_value(SYS_socket, 0, AF_UNIX);
  program.allow_others();
  return program;
}

}  // namespace

Result<bool> stop_making_local_sockets() {
  auto program = program_without_local_sockets();
  const auto native = program.native();
  // A thread that could not follow is named by a positive number.
  const auto done = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                        ? -1
                        : ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &native);
  if (done != 0) return fail("seccomp: {}", done < 0 ? std::strerror(errno) : "a thread does not follow");
  return true;
}

Result<bool> allow_only(Calls calls) {
  auto program = program_for(calls);
  const auto native = program.native();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &native) != 0) {
    return fail("seccomp: {}", std::strerror(errno));
  }
  return true;
}
#else
Result<bool> allow_only(Calls /*calls*/) { return false; }
Result<bool> stop_making_local_sockets() { return false; }
#endif

}  // namespace bastion::signer
