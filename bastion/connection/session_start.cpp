#include "bastion/connection/session_start.h"

#include <algorithm>
#include <array>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

constexpr std::size_t kSizes = 16;  // columns, rows, and both in pixels

// As a text of C, which is what servers make of it: one zero at the end is no part of it (sshd's sshbuf_get_cstring()),
// and nothing stands behind a zero.
std::optional<std::string> c_text(std::string_view text) {
  if (text.ends_with('\0')) text.remove_suffix(1);
  return text.contains('\0') ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

bool starts_session(const ChannelRequest& request) {
  return request.type == "shell" || request.type == "exec" || request.type == "subsystem";
}

std::optional<SessionStart> parse_start(const ChannelRequest& request) {
  if (!starts_session(request)) return std::nullopt;
  if (request.type == "shell") return SessionStart{};
  WireReader in(request.payload);
  auto words = c_text(in.text());
  if (!in.at_end() || !words) return std::nullopt;
  return SessionStart{.kind = request.type == "exec" ? SessionStart::Kind::command : SessionStart::Kind::subsystem,
                      .words = *std::move(words)};
}

ByteVector encode_start(std::uint32_t recipient, bool want_reply, const SessionStart& start) {
  if (start.kind == SessionStart::Kind::shell) return encode(ChannelRequest{recipient, "shell", want_reply, {}});
  WireWriter payload;
  payload.string(start.words);
  const auto* const type = start.kind == SessionStart::Kind::command ? "exec" : "subsystem";
  return encode(ChannelRequest{recipient, type, want_reply, payload.view()});
}

std::optional<Terminal> parse_terminal(const ChannelRequest& request) {
  if (request.type != "pty-req") return std::nullopt;
  WireReader in(request.payload);
  Terminal terminal{.type = std::string(in.text())};
  terminal.columns = in.u32();
  terminal.rows = in.u32();
  if (!in.ok()) return std::nullopt;
  return terminal;
}

std::optional<std::pair<std::string, std::string>> parse_variable(const ChannelRequest& request) {
  if (request.type != "env") return std::nullopt;
  WireReader in(request.payload);
  std::string name{in.text()};
  std::string value{in.text()};
  if (!in.at_end()) return std::nullopt;
  return std::pair(std::move(name), std::move(value));
}

ByteVector encode_variable(std::uint32_t recipient, std::string_view name, std::string_view value) {
  WireWriter payload;
  payload.string(name);
  payload.string(value);
  return encode(ChannelRequest{recipient, "env", false, payload.view()});
}

std::optional<TerminalSize> parse_window_change(const ChannelRequest& request) {
  if (request.type != "window-change") return std::nullopt;
  WireReader in(request.payload);
  TerminalSize size{.columns = in.u32()};
  size.rows = in.u32();
  return in.ok() ? std::optional(size) : std::nullopt;
}

void resize(MutableBytes pty_request, const ChannelRequest& window_change) {
  const auto message = parse(pty_request);
  if (!message || window_change.payload.size() != kSizes) return;
  const auto* const request = std::get_if<ChannelRequest>(&*message);
  if (request == nullptr || request->type != "pty-req") return;
  WireReader in(request->payload);
  const auto term = in.string().size();
  in.rest();
  const auto sizes = pty_request.size() - request->payload.size() + sizeof(std::uint32_t) + term;
  if (!in.ok() || sizes + kSizes > pty_request.size()) return;
  std::ranges::copy(window_change.payload, pty_request.subspan(sizes).begin());
}

bool tells_end(const ChannelRequest& request) { return request.type == "exit-status" || request.type == "exit-signal"; }

ByteVector encode_exit_status(std::uint32_t recipient, std::uint32_t status) {
  std::array<std::uint8_t, 4> payload{};
  put_u32(payload, status);
  return encode(ChannelRequest{recipient, "exit-status", false, payload});
}

std::optional<std::uint32_t> parse_exit_status(const ChannelRequest& request) {
  if (request.type != "exit-status") return std::nullopt;
  WireReader in(request.payload);
  const auto status = in.u32();
  return in.at_end() ? std::optional(status) : std::nullopt;
}

std::string parse_exit_signal(const ChannelRequest& request) {
  if (request.type != "exit-signal") return {};
  WireReader in(request.payload);
  return std::string(in.text());
}

}  // namespace bastion::connection
