#include "tests/hostile/blocking_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/base/endpoint.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/session_start.h"

namespace bastion::hostile {
namespace {

using namespace connection;

constexpr std::uint32_t kWindow = 128 * 1024;
constexpr std::uint32_t kMaxPacket = 32 * 1024;
constexpr std::size_t kBlock = 16 * 1024;

ByteVector target_of(const std::string& place) {
  const auto to = parse_endpoint(place, {}).value_or(Endpoint{});
  WireWriter payload;
  payload.string(to.host).u32(to.port).string(std::string_view{"127.0.0.1"}).u32(1);
  return payload.take();
}

}  // namespace

MutableBytes BlockingStream::prepare(std::size_t size) {
  unsent_.resize(size);
  return unsent_;
}

void BlockingStream::commit(std::size_t size) {
  auto bytes = Bytes{unsent_}.first(size);
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void BlockingStream::end() { ::shutdown(socket_.get(), SHUT_WR); }

bool BlockingStream::read_once() {
  std::array<std::uint8_t, 32 * 1024> bytes{};
  const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (size <= 0) {
    reader_->on_eof();
    return false;
  }
  reader_->on_bytes(MutableBytes{bytes}.first(static_cast<std::size_t>(size)));
  return true;
}

BlockingClient::BlockingClient(loop::Descriptor socket, const std::string& account, Plan plan)
    : plan_(std::move(plan)),
      stream_(new BlockingStream(std::move(socket))),
      session_(std::unique_ptr<ByteStream>(stream_), transport::ClientSession::Options{.account = account}) {
  while (block_.size() + plan_.text.size() <= kBlock) block_ += plan_.text;
  session_.report_to(this);
}

BlockingClient::~BlockingClient() { session_.report_to(nullptr); }

Task<Result<>> BlockingClient::log_in(const transport::KeyPair& key) {
  const auto host_key = co_await session_.host_key();
  if (!host_key) co_return std::unexpected(host_key.error());
  session_.authenticate(key);
  const auto in = co_await session_.authenticated();
  if (!in) co_return std::unexpected(in.error());
  if (*in != transport::ClientSession::AuthOutcome::accepted) co_return fail("the login was refused");
  co_return Result<>{};
}

Result<BlockingClient::Outcome> BlockingClient::run(const transport::KeyPair& key) {
  auto login = log_in(key);
  login.start([] {});
  while (!login.done() && stream_->read_once()) {
  }
  if (auto in = login.take(); !in) return std::unexpected(in.error());
  open_all();
  while (!channels_.empty() && stream_->read_once()) {
  }
  if (!channels_.empty()) return fail("{} channels were still open: {}", channels_.size(), why_lost_);
  session_.disconnect("done");
  return outcome_;
}

void BlockingClient::open_all() {
  const bool is_forward = plan_.kind == Plan::Kind::forward;
  const auto target = is_forward ? target_of(plan_.what) : ByteVector{};
  for (std::uint32_t number = 0; number < plan_.channels; ++number) {
    channels_[number] = {.unsent = plan_.bytes};
    say(ChannelOpen{is_forward ? "direct-tcpip" : "session", number, kWindow, kMaxPacket, target});
  }
}

void BlockingClient::on_lost(const transport::Loss& loss) { why_lost_ = loss.text; }

void BlockingClient::on_message(MutableBytes packet) {
  const auto message = parse(packet);
  if (!message) return;
  const auto found = channels_.find(recipient_of(packet));
  if (found == channels_.end()) return;
  auto& channel = found->second;
  if (const auto* confirmation = std::get_if<ChannelOpenConfirmation>(&*message)) {
    channel.peer = confirmation->sender;
    channel.window = confirmation->window;
    start(channel);
  } else if (std::holds_alternative<ChannelOpenFailure>(*message)) {
    channels_.erase(found);
  } else if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&*message)) {
    channel.window += adjust->bytes;
    send_more(channel);
  } else if (const auto data = data_of(*message); !data.empty()) {
    receive(channel, data.size());
  } else if (const auto* request = std::get_if<ChannelRequest>(&*message)) {
    on_request(*request);
  } else if (std::holds_alternative<ChannelClose>(*message)) {
    say(ChannelClose{channel.peer});
    channels_.erase(found);
  }
}

void BlockingClient::start(Channel& channel) {
  using Kind = SessionStart::Kind;
  if (plan_.kind != Plan::Kind::forward) {
    const auto kind = plan_.kind == Plan::Kind::command ? Kind::command : Kind::subsystem;
    session_.send(encode_start(channel.peer, false, {.kind = kind, .words = plan_.what}));
  }
  send_more(channel);
}

void BlockingClient::receive(Channel& channel, std::size_t size) {
  outcome_.received += size;
  channel.used += static_cast<std::uint32_t>(size);
  if (channel.used < kWindow / 2) return;
  say(ChannelWindowAdjust{channel.peer, std::exchange(channel.used, 0)});
}

void BlockingClient::send_more(Channel& channel) {
  while (channel.unsent > 0 && channel.window > 0) {
    const auto size = std::min<std::size_t>({channel.unsent, channel.window, block_.size()});
    say(ChannelData{channel.peer, bytes_of(std::string_view{block_}.substr(0, size))});
    channel.window -= static_cast<std::uint32_t>(size);
    channel.unsent -= size;
  }
  if (channel.unsent == 0 && !std::exchange(channel.said_eof, true)) say(ChannelEof{channel.peer});
}

void BlockingClient::on_request(const ChannelRequest& request) {
  const auto status = parse_exit_status(request);
  if (status && *status == 0) ++outcome_.succeeded;
}

}  // namespace bastion::hostile
