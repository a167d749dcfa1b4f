// Where users sign on: asks the process that talks to the issuer, and writes down who has, on threads of its own.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "bastion/base/result.h"
#include "bastion/config/limits.h"
#include "bastion/config/oidc.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/executor.h"
#include "bastion/oidc/issuer.h"
#include "bastion/server/sign_on_limiter.h"
#include "bastion/session/sign_ons.h"

namespace bastion::store {
class Writer;
}

namespace bastion::server {

class SignOnDesk final : public session::SignOns {
 public:
  // `issuer`, `executor` and `writer` outlive it.
  struct Place {
    fleet::Directory directory;
    config::Oidc settings;
    config::SourceBlock source_block;
    oidc::Issuer& issuer;
    loop::Executor& executor;
    store::Writer& writer;
  };
  [[nodiscard]] static Result<std::unique_ptr<SignOnDesk>> open(Place place);
  ~SignOnDesk();

  [[nodiscard]] Result<std::unique_ptr<Begun>> begin(loop::Loop& loop, const Asker& asker) override;
  [[nodiscard]] Task<Result<std::optional<access::SignOnCredential>>> note(loop::Loop& loop, Done done) override;
  [[nodiscard]] std::string_view issuer() const override { return oidc_.issuer; }
  [[nodiscard]] bool shows_qr_codes() const override { return oidc_.qr_code; }

 private:
  class Book;
  SignOnDesk(Place place, std::shared_ptr<Book> book);

  config::Oidc oidc_;
  config::SourceBlock source_block_;
  oidc::Issuer& issuer_;
  loop::Executor& executor_;
  store::Writer& writer_;
  SignOnLimiter limiter_;
  std::shared_ptr<Book> book_;  // the jobs' too, which may outlive this
};

}  // namespace bastion::server
