// How a request is answered (RFC 9110 section 15).
#pragma once

#include <cstdint>

namespace bastion::http {

enum class Status : std::uint16_t {
  ok = 200,
  bad_request = 400,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  body_too_large = 413,
  wrong_type = 415,
  too_many = 429,
  too_large = 431,
  not_implemented = 501,
  unavailable = 503,
};

}  // namespace bastion::http
