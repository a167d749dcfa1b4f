#include "bastion/connection/channel_closing.h"

#include <array>
#include <cstddef>

namespace bastion::connection {
namespace {

using State = ChannelClosing::State;
using enum ChannelClosing::State;

// What each event makes of a state.
struct Row {
  State on_eof_received;
  State on_close_received;
  State on_close_sent;
};

// clang-format off
constexpr std::array<Row, 6> kMoves{{
    /* open                    */ {eof_received,            close_received, close_sent},
    /* eof_received            */ {eof_received,            close_received, eof_received_close_sent},
    /* close_sent              */ {eof_received_close_sent, closed,         close_sent},
    /* eof_received_close_sent */ {eof_received_close_sent, closed,         eof_received_close_sent},
    /* close_received          */ {close_received,          close_received, closed},
    /* closed                  */ {closed,                  closed,         closed},
}};
// clang-format on

constexpr const Row& moves_from(State state) { return kMoves[static_cast<std::size_t>(state)]; }

}  // namespace

void ChannelClosing::receive_eof() { state_ = moves_from(state_).on_eof_received; }

void ChannelClosing::receive_close() { state_ = moves_from(state_).on_close_received; }

bool ChannelClosing::send_close() {
  const bool is_first = may_send();
  state_ = moves_from(state_).on_close_sent;
  return is_first;
}

bool ChannelClosing::may_send() const { return may_send_data() || state_ == close_received; }

ChannelClosing::Fate ChannelClosing::fate_of(const Message& message) const {
  switch (state_) {
    case open:
    case close_sent: return Fate::passes;
    case eof_received:
    case eof_received_close_sent:
      return std::holds_alternative<ChannelExtendedData>(message) ? Fate::breach : Fate::passes;
    case close_received: return is_question(message) ? Fate::refused : Fate::ignored;
    case closed: break;
  }
  return Fate::ignored;
}

}  // namespace bastion::connection
