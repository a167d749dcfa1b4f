#include "bastion/server/newcomers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/follow/source.h"
#include "bastion/loop/loop.h"
#include "bastion/server/workers.h"
#include "bastion/transport/keys.h"

namespace bastion::server {
namespace {

// Somebody may wait for all of them, and not for long (follow::LookUp).
constexpr std::chrono::seconds kForOne{8};
constexpr std::uint32_t kNoSuchProgram = 127;

}  // namespace

bool may_be_asked_for(const follow::Instance& instance) {
  const bool is_plain = std::ranges::all_of(
      instance.name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  return is_plain && !instance.name.empty() && instance.name.front() != '-' && follow::is_project(instance.project);
}

follow::Proof proof_of(follow::Instance instance, const Result<probe::Ordered>& ordered) {
  follow::Proof proof{.instance = std::move(instance), .host_keys = {}, .why = {}};
  if (!ordered) {
    proof.why = ordered.error().text;
  } else if (ordered->status == kNoSuchProgram) {
    proof.why = "its backend has no bastion-instances";
  } else if (ordered->status != 0) {
    proof.why = ordered->complaint.empty() ? fmt::format("bastion-instances ended with status {}", ordered->status)
                                           : printable(ordered->complaint);
  } else {
    for (std::string_view lines = ordered->out; !lines.empty();) {
      const auto line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
      if (auto key = transport::parse_public_key(line)) proof.host_keys.push_back(std::move(key->key.blob));
    }
    if (proof.host_keys.empty()) proof.why = "what its backend gives as its host key is none";
  }
  return proof;
}

void Newcomers::ask_next() {
  loop_.defer_delete(std::exchange(question_, nullptr));
  if (proofs_.size() == newcomers_.size()) return on_proofs_(std::move(proofs_));
  const auto& instance = newcomers_[proofs_.size()];
  if (!may_be_asked_for(instance)) return take(instance, fail("its name, or that of its project, cannot be asked for"));
  question_ = workers_.ask_order(
      loop_,
      {.backend = backend_,
       .words = fmt::format("bastion-instances host-key --project {} {}", instance.project, instance.name),
       .within = kForOne},
      [this, &instance](const Result<probe::Ordered>& ordered) { take(instance, ordered); });
}

void Newcomers::take(const follow::Instance& instance, const Result<probe::Ordered>& ordered) {
  proofs_.push_back(proof_of(instance, ordered));
  ask_next();
}

}  // namespace bastion::server
