// What looks at what strangers say of themselves: codes, passwords, sign-ons, invitations, certificates that make an
// account, and keys that a program prints. Opened once; all threads for strangers ask the same ones.
#pragma once

#include <memory>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/loop/loop.h"
#include "bastion/server/account_maker.h"
#include "bastion/server/code_checker.h"
#include "bastion/server/executors.h"
#include "bastion/server/external_keys.h"
#include "bastion/server/invitation_taker.h"
#include "bastion/server/password_checker.h"
#include "bastion/server/preparation.h"
#include "bastion/server/sign_on_desk.h"
#include "bastion/server/strangers.h"
#include "store/writer.h"

namespace bastion::server {

class FrontDesk {
 public:
  // All of it outlives this. Printed keys are asked for on `loop`.
  struct Place {
    loop::Loop& loop;
    Executors& executors;
    const Preparation& prepared;
    store::Writer& writer;
  };
  [[nodiscard]] static Result<std::unique_ptr<FrontDesk>> open(const Place& place, const config::Config& config);

  // Views of this.
  [[nodiscard]] Strangers::Answers answers() const;
  [[nodiscard]] ExternalKeyProgram* external_keys() const { return external_keys_.get(); }
  // What the configuration says now of what may be typed; the rest stays until another process serves.
  void apply(const config::Config& config) { passwords_->apply(config); }

 private:
  FrontDesk() = default;

  std::unique_ptr<CodeChecker> codes_;
  std::unique_ptr<PasswordChecker> passwords_;
  std::unique_ptr<SignOnDesk> sign_ons_;  // nullptr: nobody signs on here
  std::unique_ptr<InvitationTaker> invitations_;
  std::unique_ptr<AccountMaker> new_accounts_;
  std::unique_ptr<ExternalKeyProgram> external_keys_;  // nullptr: no program prints keys
};

}  // namespace bastion::server
