// One-time codes and recovery codes, looked at on threads of their own: a code is used up before anybody is told that
// it was right, and that is written on a disk.
#pragma once

#include <memory>

#include "bastion/base/result.h"
#include "bastion/base/sealing_key.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/executor.h"
#include "bastion/session/code_checks.h"

namespace bastion::store {
class Writer;
}

namespace bastion::server {

class CodeChecker final : public session::CodeChecks {
 public:
  // What it needs; without a key no code is right, and the log says why. `executor` and `writer` outlive it.
  struct Place {
    fleet::Directory directory;
    Result<SealingKey> key;
    loop::Executor& executor;
    store::Writer& writer;
  };
  [[nodiscard]] static Result<std::unique_ptr<CodeChecker>> open(Place place);
  ~CodeChecker();

  [[nodiscard]] Task<Verdict> check(loop::Loop& loop, Typed typed) override;

 private:
  class Judge;
  CodeChecker(loop::Executor& executor, store::Writer& writer, std::shared_ptr<Judge> judge);

  loop::Executor& executor_;
  store::Writer& writer_;
  std::shared_ptr<Judge> judge_;  // the jobs' too, which may outlive this
};

}  // namespace bastion::server
