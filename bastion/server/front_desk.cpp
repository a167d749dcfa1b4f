#include "bastion/server/front_desk.h"

#include <utility>

#include "bastion/fleet/directory.h"

namespace bastion::server {
namespace {

template <typename T>
Result<> keep(Result<std::unique_ptr<T>> opened, std::unique_ptr<T>& here) {
  if (!opened) return std::unexpected(std::move(opened.error()));
  here = *std::move(opened);
  return {};
}

Result<std::unique_ptr<SignOnDesk>> open_sign_ons(const FrontDesk::Place& place, const config::Config& config) {
  if (!place.prepared.issuer) return nullptr;
  return SignOnDesk::open({.directory = fleet::directory_of(config),
                           .settings = *config.oidc,
                           .source_block = config.source_block,
                           .issuer = *place.prepared.issuer,
                           .executor = place.executors.credentials(),
                           .writer = place.writer});
}

}  // namespace

Result<std::unique_ptr<FrontDesk>> FrontDesk::open(const Place& place, const config::Config& config) {
  const auto directory = fleet::directory_of(config);
  auto& credentials = place.executors.credentials();
  std::unique_ptr<FrontDesk> desk(new FrontDesk);
  auto opened = keep(
      CodeChecker::open(
          {.directory = directory, .key = place.prepared.sealing_key, .executor = credentials, .writer = place.writer}),
      desk->codes_);
  if (opened) {
    opened =
        keep(PasswordChecker::open(
                 {.directory = directory, .computing = place.executors.passwords(), .waiting = credentials}, config),
             desk->passwords_);
  }
  if (opened) opened = keep(open_sign_ons(place, config), desk->sign_ons_);
  if (opened) opened = keep(InvitationTaker::open(directory, credentials), desk->invitations_);
  if (opened) opened = keep(AccountMaker::open(directory, credentials), desk->new_accounts_);
  if (opened) {
    opened = keep(ExternalKeyProgram::make(
                      {.home = place.loop, .runner = *place.prepared.hooks, .executor = credentials}, config),
                  desk->external_keys_);
  }
  if (!opened) return std::unexpected(std::move(opened.error()));
  return desk;
}

Strangers::Answers FrontDesk::answers() const {
  return {.codes = *codes_,
          .passwords = *passwords_,
          .invitations = *invitations_,
          .new_accounts = new_accounts_.get(),
          .sign_ons = sign_ons_.get(),
          .external_keys = external_keys_.get()};
}

}  // namespace bastion::server
