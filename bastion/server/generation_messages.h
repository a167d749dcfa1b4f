// What the supervisor and the processes that serve say to each other: one message in each packet (SOCK_SEQPACKET), a
// letter and a text. What a process that serves says is taken for hostile. The two may be of different releases: a
// letter keeps its meaning for good, and one that is not known is left out.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/log.h"

namespace bastion::server {

// From the supervisor.
enum class Order : char {
  listener = 'L',  // with a descriptor: a socket that listens, which the generation before has listened on
  activated =
      'S',       // with a descriptor: a socket of the service manager, to listen on in the place of what is configured
  begin = 'B',   // after them: the state directory
  reload = 'R',  // read the configuration again
  peers = 'P',   // the ids of the other generations, a line each
  retire = 'T',  // another one serves: take nobody new, and end when nobody is left
};

// To the supervisor.
enum class Report : char {
  listener = 'l',         // with a descriptor, before `ready`: a socket that this one listens on
  ready = 'r',            // a Ready
  failed = 'f',           // why it does not serve
  reloaded = 'a',         // the configuration was read again, and what could be done was done: the level of the log
  handover_wanted = 'h',  // it has changed in a way that needs a new process
  closed = 'c',           // nobody new is let in any more, for good
  turns = 't',            // once a second: a Carried, and the proof that every loop turns
  stands_still = 's',     // in the place of that: which loop does not
};

template <typename Kind>
struct Message {
  Kind kind;
  std::string text;
};

template <typename Kind>
[[nodiscard]] ByteVector encode(Kind kind, std::string_view text = {}) {
  ByteVector message(1 + text.size());
  message.front() = static_cast<std::uint8_t>(kind);
  std::ranges::copy(text, message.begin() + 1);
  return message;
}

// Nothing where there is no such letter.
[[nodiscard]] std::optional<Message<Order>> parse_order(Bytes message);
[[nodiscard]] std::optional<Message<Report>> parse_report(Bytes message);

struct Ready {
  std::string id;                         // server_id.h
  std::chrono::seconds handover_limit{};  // from when it is retired
  log::Level level = log::Level::info;
  bool says_it_turns = false;  // Report::turns or Report::stands_still from now on; an older release says neither
};
[[nodiscard]] std::string format_ready(const Ready& ready);
[[nodiscard]] std::optional<Ready> parse_ready(std::string_view text);

// What a process that serves carries at a moment.
struct Carried {
  std::uint32_t sessions = 0;
  std::uint32_t strangers = 0;  // connections that have not logged in
};
[[nodiscard]] std::string format_carried(const Carried& carried);
[[nodiscard]] std::optional<Carried> parse_carried(std::string_view text);

[[nodiscard]] std::string format_level(log::Level level);
[[nodiscard]] std::optional<log::Level> parse_level(std::string_view text);

[[nodiscard]] std::string text_of_peers(const std::vector<std::string>& ids);
[[nodiscard]] std::vector<std::string> parse_peers(std::string_view text);

}  // namespace bastion::server
