#include "bastion/loop/short_slices.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <tuple>

namespace bastion::loop {
namespace {

// sched_setattr(2). glibc has it from 2.41 on, and before that the kernel's own header cannot stand beside <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // ns
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

constexpr std::uint64_t kShortestSlice = 100'000;

}  // namespace

void prefer_short_slices() {
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;  // an administrator has chosen another one
  attributes.runtime = kShortestSlice;
  std::ignore = ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace bastion::loop
