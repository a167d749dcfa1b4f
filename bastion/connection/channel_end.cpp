#include "bastion/connection/channel_end.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

// Data may be cut into so many messages and no more: each of them costs what a whole one does.
constexpr std::size_t kMaxPieces = 512;
// What a waiting message takes beyond its bytes.
constexpr std::size_t kWaitingOverhead = 64;

}  // namespace

Result<> ChannelEnd::send(const Message& message, MutableBytes packet, PacketSink& sink, Budget& budget) {
  const auto data = data_of(message);
  if (!data.empty() && !closing.may_send_data()) return {};  // it does not listen any more
  if (!waiting.empty()) return wait(packet, {}, budget);
  if (!data.empty()) return send_data(packet.first(packet.size() - data.size()), data, sink, budget);
  if (std::holds_alternative<ChannelClose>(message) && !closing.send_close()) return {};
  rewrite_recipient(packet, *number);
  sink.send(packet);
  return {};
}

// An early confirmation promised a packet size before the container had named its own: larger data is cut.
Result<> ChannelEnd::send_data(MutableBytes head, Bytes data, PacketSink& sink, Budget& budget) {
  if (max_packet != 0 && data.size() / max_packet > kMaxPieces) {
    return fail("{} bytes of data for an end that takes {} at once", data.size(), max_packet);
  }
  rewrite_recipient(head, *number);
  while (!data.empty()) {
    const auto most = max_packet == 0 ? window : std::min(max_packet, window);
    const auto piece = data.first(std::min<std::size_t>(data.size(), most));
    if (piece.empty()) return wait(head, data, budget);
    put_u32(head.last(sizeof(std::uint32_t)), static_cast<std::uint32_t>(piece.size()));
    sink.send(head, piece);
    window -= static_cast<std::uint32_t>(piece.size());
    data = data.subspan(piece.size());
  }
  return {};
}

Result<> ChannelEnd::wait(MutableBytes head, Bytes data, Budget& budget) {
  if (!budget.take(head.size() + data.size() + kWaitingOverhead)) return fail("data beyond the window");
  auto& packet = waiting.emplace_back(head.begin(), head.end());
  if (data.empty()) return {};
  put_u32(MutableBytes{packet}.last(sizeof(std::uint32_t)), static_cast<std::uint32_t>(data.size()));
  packet.insert(packet.end(), data.begin(), data.end());
  return {};
}

Result<> ChannelEnd::widen(std::uint32_t bytes, PacketSink& sink, Budget& budget) {
  if (bytes > std::numeric_limits<std::uint32_t>::max() - window) return fail("a window beyond 2^32-1");
  window += bytes;
  auto rest = std::exchange(waiting, {});
  while (!rest.empty() && waiting.empty()) {
    auto packet = std::move(rest.front());
    rest.pop_front();
    budget.give_back(packet.size() + kWaitingOverhead);
    std::ignore = send(*parse(packet), packet, sink, budget);  // what waited once may wait again
  }
  if (rest.empty()) return {};
  rest.push_front(std::move(waiting.front()));
  waiting = std::move(rest);
  return {};
}

std::uint32_t ChannelEnd::news_of(std::uint32_t bytes) {
  const auto known = std::min(window_debt, bytes);
  window_debt -= known;
  return bytes - known;
}

void ChannelEnd::on_close(PacketSink& sink, Budget& budget) {
  closing.receive_close();
  const bool is_owed = !waiting.empty() && waiting.back().front() == static_cast<std::uint8_t>(Number::channel_close);
  drop_waiting(budget);
  if (is_owed && closing.send_close()) sink.send(encode(ChannelClose{*number}));
}

void ChannelEnd::drop_waiting(Budget& budget) {
  for (const auto& packet : std::exchange(waiting, {})) budget.give_back(packet.size() + kWaitingOverhead);
}

}  // namespace bastion::connection
