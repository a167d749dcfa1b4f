#include "bastion/session/sign_on_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "bastion/base/printable.h"
#include "bastion/base/qr_code.h"

namespace bastion::session {
namespace {

constexpr std::size_t kLongest = 500;
constexpr std::size_t kMostRows = 21;
constexpr std::array<std::string_view, 2> kPrintAsTheyAre{"SSH-2.0-OpenSSH_", "SSH-2.0-PuTTY_"};

std::string as_qr_code(const std::string& address) {
  const auto rows = qr_code(address, QrColours::of_the_terminal);
  if (address.empty() || !rows || rows->size() > kMostRows) return {};
  return fmt::format("To sign on with a phone, point its camera here:\r\n{}\r\n", fmt::join(*rows, "\r\n"));
}

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

std::string qr_code_for(const oidc::Shown& shown, std::string_view client_version) {
  const auto is_it = [&](std::string_view program) { return client_version.starts_with(program); };
  if (std::ranges::none_of(kPrintAsTheyAre, is_it)) return {};
  auto whole = as_qr_code(shown.address_with_code);
  return whole.empty() ? as_qr_code(shown.address) : whole;
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
