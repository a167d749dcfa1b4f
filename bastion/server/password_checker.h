// Passwords of strangers, looked at on threads of their own, few at once: each costs 64 MiB and some 50 to 100 ms of a
// processor (auth/password_hash.h).
#pragma once

#include <memory>

#include "bastion/base/result.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/executor.h"
#include "bastion/server/source_slots.h"
#include "bastion/session/password_checks.h"

namespace bastion::server {

class PasswordChecker final : public session::PasswordChecks {
 public:
  // The executors outlive it. One computes, and does nothing else; the other may wait for the database.
  struct Place {
    fleet::Directory directory;
    loop::Executor& computing;
    loop::Executor& waiting;
  };
  // Of one source so many are looked at, or wait for that, at once.
  static constexpr std::size_t kMostOfOneSource = 4;

  [[nodiscard]] static Result<std::unique_ptr<PasswordChecker>> open(const Place& place, const config::Config& config);
  ~PasswordChecker();

  // What counts for those that come from then on.
  void apply(const config::Config& config) { slots_.apply(config); }

  [[nodiscard]] Task<Verdict> is_right(loop::Loop& loop, Typed typed) override;
  [[nodiscard]] Task<Result<std::int64_t>> change(loop::Loop& loop, Change change) override;

 private:
  class Cupboard;
  PasswordChecker(const Place& place, const config::Config& config, std::shared_ptr<Cupboard> cupboard);

  [[nodiscard]] Task<Result<std::string>> hashed(loop::Loop& loop, std::string text);

  loop::Executor& computing_;
  loop::Executor& waiting_;
  SourceSlots slots_;
  std::shared_ptr<Cupboard> cupboard_;  // the jobs' too, which may outlive this
};

}  // namespace bastion::server
