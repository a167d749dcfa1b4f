// What one connection has tried before it was let in, or left: for those who want to know who knocks. All of it comes
// from strangers, and nothing of it is proven.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::auth {

// One request that was denied.
struct Try {
  std::string user;         // as it was sent
  std::string method;       // so too; empty: the request was malformed
  std::string key_type;     // of a key that could be somebody's; empty: it has shown none
  std::string fingerprint;  // of that key
};

class Tried {
 public:
  // Of the names and the keys the first ones that differ are kept.
  static constexpr std::size_t kMost = 4;

  void note(const Try& denied);

  // How many requests were denied that claimed anything: "none" (RFC 4252 section 5.2) claims nothing.
  [[nodiscard]] std::size_t attempts() const { return attempts_; }
  // Names as they were sent, those asked about with "none" too. Empty: it has named nobody.
  [[nodiscard]] const std::vector<std::string>& users() const { return users_.kept; }
  [[nodiscard]] const std::vector<std::string>& fingerprints() const { return fingerprints_.kept; }
  // Of the last request that claimed anything, as it was sent; empty: there was none.
  [[nodiscard]] const std::string& method() const { return method_; }
  // How many more times there was another name or key.
  [[nodiscard]] std::size_t more_users() const { return users_.more; }
  [[nodiscard]] std::size_t more_fingerprints() const { return fingerprints_.more; }

 private:
  struct Different {
    std::vector<std::string> kept;
    std::size_t more = 0;
    void note(std::string_view sent);
  };

  std::size_t attempts_ = 0;
  std::string method_;
  Different users_;
  Different fingerprints_;
};

}  // namespace bastion::auth
