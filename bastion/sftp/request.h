// What a client asks, as far as it matters what it asks for: names, handles, and how much. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/sftp/packet.h"

namespace bastion::sftp {

// It views the packet.
struct Request {
  Type type = Type::init;
  std::uint32_t id = 0;          // of INIT, the version
  std::string_view extension{};  // the name of an EXTENDED
  std::string_view first{};      // the path, or the handle
  std::string_view second{};     // of what has two
  std::uint32_t number = 0;      // OPEN: how; READ and WRITE: how many bytes
  bool is_cut = false;           // a name is longer than kLongestName, and what is here is the beginning of it
};

// The protocol's own word for what it is about: `open`, or the name of the extension.
[[nodiscard]] std::string_view word_of(const Request& request);

// What a request is allowed by: whoever may read, whoever may write. OPEN is by how.
struct Permitted {
  bool read = true;
  bool write = true;
  bool operator==(const Permitted&) const = default;
};

// How many bytes of a request parse_request() wants, behind the length, by what is there of it: 1 of nothing.
[[nodiscard]] std::size_t request_head(Bytes body);
// Nothing: its fields go beyond its end. `body` is what request_head() wants of a packet of `size` bytes. Of a type or
// an extension that is not known here, only those are read.
[[nodiscard]] std::optional<Request> parse_request(Bytes body);

// Whether it is among what OpenSSH knows.
[[nodiscard]] bool is_known(const Request& request);
// Looking around is for both: names, sizes, what a link points to. Whoever may not write changes nothing, whoever may
// not read opens nothing to read it. What is not known is for those who may do both.
[[nodiscard]] bool permits(const Permitted& permitted, const Request& request);
// Whether all of this type are permitted, or those of an answer, whatever else they say.
[[nodiscard]] bool permits_all(const Permitted& permitted, Type type);

}  // namespace bastion::sftp
