// Bytes of a terminal as text of JSON (RFC 8259). A character that is split between two packets is put together again;
// what is no UTF-8 becomes U+FFFD. Pure; the bytes come from strangers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bastion::record {

class Utf8Text {
 public:
  // Appends what is complete, escaped for a string of JSON.
  void append(std::string_view bytes, std::string& json);
  // Nothing follows: what is not complete becomes U+FFFD.
  void finish(std::string& json);
  // Whether nothing is kept for the next bytes.
  [[nodiscard]] bool is_complete() const { return kept_.empty(); }

 private:
  std::string kept_;  // the beginning of one character: three bytes at most
};

}  // namespace bastion::record
