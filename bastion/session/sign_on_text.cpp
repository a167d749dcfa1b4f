#include "bastion/session/sign_on_text.h"

#include <fmt/format.h>

#include "bastion/base/printable.h"

namespace bastion::session {
namespace {

constexpr std::size_t kLongest = 500;

}  // namespace

transport::Questions questions_for(const oidc::Shown& shown) {
  transport::Questions questions;
  if (!shown.address_with_code.empty()) {
    questions.instruction = fmt::format("Sign on at {}", shown.address_with_code);
  }
  questions.prompts.push_back(
      {.text = fmt::format("Open {} in a browser and enter {}, then press Enter: ", shown.address, shown.code),
       .echo = transport::Prompt::Echo::yes});
  return questions;
}

std::string sign_on_failed(std::string_view why) {
  return fmt::format("Single sign-on: {}.\r\n", printable_on_one_line(why, kLongest));
}

std::string is_another(std::string_view issuer, std::string_view name, std::string_view account) {
  return fmt::format("you have signed on at {} as {}, and this login is for {}", issuer, name, account);
}

std::string has_no_account(std::string_view issuer, std::string_view name) {
  return fmt::format("you have signed on at {} as {}, and nobody is called so here; ask your administrator", issuer,
                     name);
}

}  // namespace bastion::session
