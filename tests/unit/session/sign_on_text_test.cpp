#include "bastion/session/sign_on_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace bastion::session {
namespace {

constexpr std::string_view kOpenSsh = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3";

oidc::Shown shown_at(std::string address, std::string with_code) {
  return {.address = std::move(address), .code = "ABCD", .address_with_code = std::move(with_code)};
}

std::ptrdiff_t rows_of(const std::string& drawn) { return std::ranges::count(drawn, '\n') - 1; }

}  // namespace

TEST_CASE("sign-on: the QR code is for clients that print it, and for 24 lines") {
  struct Row {
    const char* what;
    oidc::Shown shown;
    std::string_view client;
    std::ptrdiff_t rows;  // 0: none
  };
  const std::string shortest = "https://login.example/device";
  const auto usual = shortest + "?user_code=ABCD-EFGH";
  const auto longer = shortest + std::string(60, 'x');
  const Row rows[] = {
      {"an address with the code", shown_at(shortest, usual), kOpenSsh, 19},
      {"none with it", shown_at(shortest, ""), kOpenSsh, 17},
      {"one that is too long with it", shown_at(shortest, longer), kOpenSsh, 17},
      {"one that is too long anyhow", shown_at(longer, longer + "y"), kOpenSsh, 0},
      {"Windows", shown_at(shortest, usual), "SSH-2.0-OpenSSH_for_Windows_9.5", 19},
      {"PuTTY", shown_at(shortest, usual), "SSH-2.0-PuTTY_Release_0.78", 19},
      {"a library, which shows it in a dialogue", shown_at(shortest, usual), "SSH-2.0-paramiko_3.4.0", 0},
      {"nothing known", shown_at(shortest, usual), "", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto drawn = qr_code_for(row.shown, row.client);
    CHECK(drawn.empty() == (row.rows == 0));
    if (row.rows == 0) continue;
    CHECK(rows_of(drawn) == row.rows);
    CHECK(drawn.ends_with("\r\n"));
    CHECK(drawn.find('\033') == std::string::npos);
  }
}

}  // namespace bastion::session
