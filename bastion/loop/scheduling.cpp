#include "bastion/loop/scheduling.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
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
// A third of what a thread with 0 has.
constexpr std::int32_t kNicer = 5;
constexpr std::int32_t kNicest = 19;

// What the calling thread has; nothing where an administrator has chosen another policy for it.
std::optional<SchedulingAttributes> present() {
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return std::nullopt;
  if (attributes.policy != SCHED_OTHER) return std::nullopt;
  return attributes;
}

void ask_for(const SchedulingAttributes& attributes) { std::ignore = ::syscall(SYS_sched_setattr, 0, &attributes, 0); }

}  // namespace

void prefer_short_slices() {
  auto attributes = present();
  if (!attributes) return;
  attributes->runtime = kShortestSlice;
  ask_for(*attributes);
}

void let_others_first() {
  auto attributes = present();
  if (!attributes) return;
  attributes->nice = std::min(attributes->nice + kNicer, kNicest);
  ask_for(*attributes);
}

}  // namespace bastion::loop
