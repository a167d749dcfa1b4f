// The requests of a session channel that the bastion has to understand (RFC 4254 section 6): a terminal, the
// environment, and the one that starts a shell, a command or a subsystem.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bastion/connection/message.h"

namespace bastion::connection {

// pty-req, section 6.2; the modes are left out.
struct Terminal {
  std::string type;  // TERM
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
};

// Section 6.5.
struct SessionStart {
  enum class Kind : std::uint8_t { shell, command, subsystem };
  Kind kind = Kind::shell;
  std::string words{};  // the command, or the name of the subsystem
  std::optional<Terminal> terminal{};
  std::map<std::string, std::string, std::less<>> environment{};  // env, section 6.4
};

[[nodiscard]] bool starts_session(const ChannelRequest& request);
// Nothing where the request is malformed, or another one: with a zero in its words, too, but for one at their end,
// which is left out. What other requests say (`terminal`, `environment`) is not set.
[[nodiscard]] std::optional<SessionStart> parse_start(const ChannelRequest& request);
[[nodiscard]] ByteVector encode_start(std::uint32_t recipient, bool want_reply, const SessionStart& start);
[[nodiscard]] std::optional<Terminal> parse_terminal(const ChannelRequest& request);
[[nodiscard]] std::optional<std::pair<std::string, std::string>> parse_variable(const ChannelRequest& request);
[[nodiscard]] ByteVector encode_variable(std::uint32_t recipient, std::string_view name, std::string_view value);
// window-change, section 6.7.
struct TerminalSize {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
};
[[nodiscard]] std::optional<TerminalSize> parse_window_change(const ChannelRequest& request);
// The same: writes the new size into the packet of a pty-req. Nothing happens where one is malformed.
void resize(MutableBytes pty_request, const ChannelRequest& window_change);

// Section 6.10: whether it says how the session ended.
[[nodiscard]] bool tells_end(const ChannelRequest& request);
[[nodiscard]] ByteVector encode_exit_status(std::uint32_t recipient, std::uint32_t status);
[[nodiscard]] std::optional<std::uint32_t> parse_exit_status(const ChannelRequest& request);
// As the peer writes it, without SIG; empty: it says nothing of a signal.
[[nodiscard]] std::string parse_exit_signal(const ChannelRequest& request);

}  // namespace bastion::connection
