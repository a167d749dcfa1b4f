#include "tests/support/loopback_sshd.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "bastion/auth/attempt.h"
#include "bastion/auth/methods.h"
#include "bastion/auth/publickey.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/local_channels.h"
#include "bastion/connection/message.h"
#include "bastion/connection/session_start.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/server_session.h"
#include "bastion/transport/session.h"
#include "tests/support/small_world.h"

namespace bastion::test {

// Members go in reverse order: whoever is served through a channel, the channel, and then what carries it.
class LoopbackSshd::Connection final : private transport::Session::Delegate {
 public:
  Connection(LoopbackSshd& owner, std::unique_ptr<ByteStream> stream)
      : sshd_(owner), session_(std::move(stream), owner.profiles_.back()), channels_(session_) {
    number_ = ++sshd_.connections_;
    session_.report_to(this);
    login_ = let_in();
    login_.start([] {});
  }
  ~Connection() {
    session_.report_to(nullptr);
    note_loss();
  }

  void deny_what_waits() {
    unanswered_.clear();
    for (const auto& inner : served_) inner->deny_what_waits();
  }

 private:
  // Requests that are not answered are kept: one that is dropped is denied.
  Task<> let_in() {
    while (true) {
      auth::Attempt attempt(co_await session_.auth_requests().next());
      ++sshd_.logins_asked_;
      if (sshd_.silent_) {
        unanswered_.push_back(std::move(attempt));
      } else if (attempt.claim() && is_accepted(std::get<auth::KeyClaim>(*attempt.claim()).key) &&
                 (attempt.is_question() || attempt.proven())) {
        if (!attempt.is_question()) ++sshd_.logins_;
        attempt.grant();
      } else {
        attempt.deny();
      }
    }
  }
  [[nodiscard]] bool is_accepted(const PublicKey& key) const { return !sshd_.accepts || *sshd_.accepts == key; }

  void on_message(MutableBytes packet) override {
    const auto message = must(connection::parse(packet));
    if (const auto* request = std::get_if<connection::GlobalRequest>(&message)) {
      if (request->want_reply && !sshd_.silent_) session_.send(connection::encode(connection::RequestFailure{}));
    } else if (const auto* open = std::get_if<connection::ChannelOpen>(&message)) {
      on_open(*open);
    } else if (const auto found = sessions_.find(connection::recipient_of(packet)); found != sessions_.end()) {
      if (const auto* asked = std::get_if<connection::ChannelRequest>(&message)) run(found->second, *asked);
      if (std::holds_alternative<connection::ChannelClose>(message)) on_close(found->first);
    } else {
      must(channels_.receive(connection::recipient_of(packet), message, packet));
    }
  }
  // One that has ended has said so already.
  void on_close(std::uint32_t number) {
    if (going_on_.erase(number) == 0) return;
    session_.send(connection::encode(connection::ChannelClose{sessions_.at(number)}));
  }
  void run(std::uint32_t peer, const connection::ChannelRequest& request) {
    const auto start = connection::parse_start(request);
    if (!start) return;
    const auto ran = sshd_.runs(number_, start->words);
    const auto say = [this](const connection::Message& message) { session_.send(connection::encode(message)); };
    say(connection::ChannelSuccess{peer});
    if (!ran.out.empty()) say(connection::ChannelData{peer, bytes_of(ran.out)});
    if (!ran.err.empty()) say(connection::ChannelExtendedData{peer, connection::kStderr, bytes_of(ran.err)});
    if (ran.goes_on) return;
    std::erase_if(going_on_, [&](std::uint32_t number) { return sessions_.at(number) == peer; });
    if (ran.status) session_.send(connection::encode_exit_status(peer, *ran.status));
    if (!ran.status) say(connection::ChannelRequest{peer, "exit-signal", false, {}});
    say(connection::ChannelEof{peer});
    say(connection::ChannelClose{peer});
  }
  void on_open(const connection::ChannelOpen& open) {
    const bool is_session = open.type == "session" && sshd_.runs;
    const bool is_one_too_many = is_session && going_on_.size() >= sshd_.most_sessions;
    if (!sshd_.opens || is_one_too_many || (open.type != "direct-tcpip" && !is_session)) {
      return session_.send(
          connection::encode(connection::ChannelOpenFailure{open.sender, sshd_.refusal, "Connection refused"}));
    }
    ++sshd_.channels_;
    const auto number = next_++;
    const auto confirm = [&] {
      session_.send(connection::encode(
          connection::ChannelOpenConfirmation{open.sender, number, kWindow, connection::LocalChannel::kMaxPacket, {}}));
    };
    if (is_session) {
      sessions_.emplace(number, open.sender);
      going_on_.insert(number);
      return confirm();
    }
    auto channel = channels_.opened(
        number, {.number = open.sender, .window = open.window, .max_packet = open.max_packet}, kWindow);
    confirm();
    if (sshd_.behind != nullptr) {
      served_.push_back(std::make_unique<Connection>(*sshd_.behind, std::move(channel)));
    } else {
      idle_.push_back(std::move(channel));
    }
  }
  void on_drained() override { channels_.drained(); }
  void on_lost(const transport::Loss& loss) override {
    note_loss();
    channels_.lost(Error{loss.text});
  }
  void note_loss() {
    if (!std::exchange(lost_, true)) ++sshd_.lost_;
  }

  static constexpr auto kWindow = connection::LocalChannel::kWindow;

  LoopbackSshd& sshd_;
  transport::ServerSession session_;
  connection::LocalChannels channels_;
  int number_ = 0;
  std::uint32_t next_ = 0;
  std::map<std::uint32_t, std::uint32_t> sessions_;  // what the client calls them, by our number
  std::set<std::uint32_t> going_on_;                 // of them, those that have not ended
  bool lost_ = false;
  std::vector<std::unique_ptr<connection::LocalChannel>> idle_;
  std::list<std::unique_ptr<Connection>> served_;
  std::vector<auth::Attempt> unanswered_;
  Task<> login_;
};

LoopbackSshd::LoopbackSshd(loop::Loop& loop) : loop_(loop) {
  change_host_key();
  listen();
}

LoopbackSshd::~LoopbackSshd() = default;

void LoopbackSshd::listen() {
  listener_ = must(loop::Listener::open(loop_, address_, [this](loop::Descriptor connection, const Endpoint& /*from*/) {
    served_.push_back(
        std::make_unique<Connection>(*this, std::make_unique<loop::TcpStream>(loop_, std::move(connection))));
  }));
  address_ = listener_->bound();
}

void LoopbackSshd::hang_up() { served_.clear(); }

void LoopbackSshd::speak_again() {
  silent_ = false;
  for (const auto& connection : served_) connection->deny_what_waits();
}

void LoopbackSshd::change_host_key() {
  std::vector<transport::KeyPair> keys;
  keys.push_back(must(transport::KeyPair::generate(transport::KeyPair::Kind::ed25519)));
  profiles_.emplace_back(keys, "", auth::offered_methods());
}

}  // namespace bastion::test
