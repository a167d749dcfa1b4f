// How far the closing of a channel has come at one end of it (RFC 4254 section 5.3). Pure: events move the state and do
// nothing else; whoever acts asks it first. OpenSSH's nchan.c is made the same way.
//
// "Received" is what that end has said, "sent" what we have. What becomes of its messages, and what it may be sent:
//
//   state                    | EXTENDED_DATA  a question  other messages | it may be sent
//   -------------------------+-------------------------------------------+-----------------------------
//   open                     | passes         passes      passes         | everything
//   eof_received             | breach         passes      passes         | everything
//   close_sent               | passes         passes      passes         | nothing
//   eof_received_close_sent  | breach         passes      passes         | nothing
//   close_received           | ignored        refused     ignored        | all but data; it is owed a CLOSE
//   closed                   | ignored        ignored     ignored        | nothing
//
// DATA after EOF passes, as it does with sshd: the receiver ignores it.
#pragma once

#include <cstdint>

#include "bastion/connection/message.h"

namespace bastion::connection {

class ChannelClosing {
 public:
  enum class State : std::uint8_t {
    open,
    eof_received,
    close_sent,
    eof_received_close_sent,
    close_received,
    closed,
  };

  // Of a message that this end has said.
  enum class Fate : std::uint8_t {
    passes,
    ignored,  // it has crossed with a CLOSE
    refused,  // so has this question, which is still to be answered: no
    breach,   // of the protocol
  };

  void receive_eof();
  void receive_close();
  // Whether CLOSE is to be sent now; there is only one.
  [[nodiscard]] bool send_close();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Fate fate_of(const Message& message) const;
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] bool may_send_data() const { return state_ == State::open || state_ == State::eof_received; }
  [[nodiscard]] bool is_over() const { return state_ == State::closed; }

 private:
  State state_ = State::open;
};

}  // namespace bastion::connection
