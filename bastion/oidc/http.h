// Requests to an issuer, one at a time. Blocks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::oidc {

struct HttpAnswer {
  long status = 0;
  std::string body;
  bool is_whole = true;  // it is no longer than an answer may be
};

using Form = std::vector<std::pair<std::string, std::string>>;

// What the device grant needs of a network; tests have one of their own.
class Http {
 public:
  // In a header (RFC 7617), with both parts encoded as a form is (RFC 6749 section 2.3.1).
  struct Login {
    std::string name;
    std::string password;
  };

  virtual ~Http() = default;
  // The error says what has failed before there was an answer.
  [[nodiscard]] virtual Result<HttpAnswer> get(const std::string& address) = 0;
  [[nodiscard]] virtual Result<HttpAnswer> post(const std::string& address, const Form& form,
                                                const std::optional<Login>& login) = 0;
};

// By libcurl: https only, TLS 1.2 at least, the name in the certificate checked; no redirection is followed, no proxy
// asked, nothing kept. An answer has 256 KiB at most, and comes within fifteen seconds. `ca_file` stands in the place
// of the system's CAs; empty: those.
[[nodiscard]] Result<std::unique_ptr<Http>> make_https(const std::filesystem::path& ca_file);

}  // namespace bastion::oidc
