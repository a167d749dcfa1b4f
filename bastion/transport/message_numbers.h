// Message numbers below the connection protocol that this side has to know (RFC 4253 section 12, RFC 4250
// section 4.1.2).
#pragma once

#include <cstdint>

namespace bastion::transport {

inline constexpr std::uint8_t kDisconnect = 1;
inline constexpr std::uint8_t kIgnore = 2;
inline constexpr std::uint8_t kKexinit = 20;
inline constexpr std::uint8_t kNewkeys = 21;
inline constexpr std::uint8_t kKexdhInit = 30;  // with either kind of elliptic curve too (RFC 5656 section 7.1)
inline constexpr std::uint8_t kUserauthRequest = 50;
inline constexpr std::uint8_t kUserauthBanner = 53;
inline constexpr std::uint8_t kUserauthInfoRequest = 60;  // of keyboard-interactive (RFC 4256)
inline constexpr std::uint8_t kUserauthInfoResponse = 61;
inline constexpr std::uint8_t kFirstConnectionMessage = 80;
inline constexpr std::uint8_t kConnectionMessages = 21;  // 80 to 100

}  // namespace bastion::transport
