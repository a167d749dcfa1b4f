#include "bastion/connection/permitted_opens.h"

#include <algorithm>
#include <array>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

using Forward = PermittedOpens::Forward;

std::optional<Forward> read_forward(Forward::Kind kind, Bytes payload) {
  WireReader in(payload);
  Forward forward{.kind = kind, .place = std::string(in.text())};
  if (kind == Forward::Kind::tcpip) forward.port = in.u32();
  return in.at_end() ? std::optional(std::move(forward)) : std::nullopt;
}

std::optional<Forward> forward_of(const ChannelOpen& open) {
  const auto kind = open.type == "forwarded-tcpip" ? Forward::Kind::tcpip : Forward::Kind::streamlocal;
  WireReader in(open.payload);
  Forward forward{.kind = kind, .place = std::string(in.text())};
  if (kind == Forward::Kind::tcpip) forward.port = in.u32();
  in.rest();  // who has connected
  return in.ok() ? std::optional(std::move(forward)) : std::nullopt;
}

// A server says which address was connected (RFC 4254 section 7.2). OpenSSH repeats what it was asked for; others name
// the address itself, where they were asked for several.
bool is_one_of(std::string_view connected, std::string_view asked) {
  constexpr std::array<std::string_view, 4> kEvery{"", "*", "0.0.0.0", "::"};
  if (connected == asked || std::ranges::find(kEvery, asked) != kEvery.end()) return true;
  return asked == "localhost" && (connected == "127.0.0.1" || connected == "::1");
}

}  // namespace

std::optional<PermittedOpens::Change> PermittedOpens::change_of(const GlobalRequest& request) {
  struct Row {
    std::string_view name;
    Change::Kind change;
    Forward::Kind forward;
  };
  constexpr std::array kRows{
      Row{"tcpip-forward", Change::Kind::listens, Forward::Kind::tcpip},
      Row{"cancel-tcpip-forward", Change::Kind::cancels, Forward::Kind::tcpip},
      Row{"streamlocal-forward@openssh.com", Change::Kind::listens, Forward::Kind::streamlocal},
      Row{"cancel-streamlocal-forward@openssh.com", Change::Kind::cancels, Forward::Kind::streamlocal},
  };
  const auto row = std::ranges::find(kRows, request.name, &Row::name);
  if (row == kRows.end()) return std::nullopt;
  auto forward = read_forward(row->forward, request.payload);
  return forward ? std::optional(Change{row->change, *std::move(forward)}) : std::nullopt;
}

std::string_view PermittedOpens::objection_to(const Change& change) const {
  if (change.kind == Change::Kind::cancels) return {};
  if (change.forward.place.size() > kLongestPlace) return "the address of a forward is too long";
  return forwards_.size() < kMostForwards ? "" : "there are too many forwards in one connection";
}

void PermittedOpens::request(const Change& change) {
  if (change.kind == Change::Kind::listens && objection_to(change).empty()) forwards_.push_back(change.forward);
}

void PermittedOpens::grant(const Change& change, Bytes reply) {
  const auto& forward = change.forward;
  if (change.kind == Change::Kind::cancels) return take_back(forward);
  if (forward.kind != Forward::Kind::tcpip || forward.port != 0) return;
  const auto port = WireReader(reply).u32();
  if (port == 0) return take_back(forward);
  if (const auto found = std::ranges::find(forwards_, forward); found != forwards_.end()) found->port = port;
}

void PermittedOpens::refuse(const Change& change) {
  if (change.kind == Change::Kind::listens) take_back(change.forward);
}

void PermittedOpens::take_back(const Forward& forward) {
  if (const auto found = std::ranges::find(forwards_, forward); found != forwards_.end()) forwards_.erase(found);
}

void PermittedOpens::ask(std::uint32_t session, const ChannelRequest& request) {
  if (request.type == "auth-agent-req@openssh.com") agent_ = true;
  if (request.type != "x11-req") return;
  auto& times = displays_.try_emplace(session, Times::once).first->second;
  const bool is_single = WireReader(request.payload).boolean();
  times = is_single && times != Times::ever ? Times::once : Times::ever;
}

bool PermittedOpens::admit(const ChannelOpen& open) {
  if (open.type == "auth-agent@openssh.com") return agent_;
  if (open.type == "x11") return admit_display();
  if (open.type != "forwarded-tcpip" && open.type != "forwarded-streamlocal@openssh.com") return false;
  const auto forward = forward_of(open);
  return forward && listens(*forward);
}

// The message does not say of which session it is.
bool PermittedOpens::admit_display() {
  const auto with = [this](Times times) {
    return std::ranges::find_if(displays_, [times](const auto& display) { return display.second == times; });
  };
  if (with(Times::ever) != displays_.end()) return true;
  const auto once = with(Times::once);
  if (once == displays_.end()) return false;
  once->second = Times::used_up;
  return true;
}

bool PermittedOpens::listens(const Forward& forward) const {
  return std::ranges::any_of(forwards_, [&](const Forward& asked) {
    if (asked.kind != forward.kind || asked.port != forward.port) return false;
    if (asked.kind == Forward::Kind::streamlocal) return asked.place == forward.place;
    return asked.port != 0 && is_one_of(forward.place, asked.place);
  });
}

}  // namespace bastion::connection
