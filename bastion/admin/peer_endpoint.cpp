#include "bastion/admin/peer_endpoint.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/peer_messages.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/match.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestPeerQuestion = 1024 * 1024;

}  // namespace

class PeerEndpoint::Conversation final : private ByteStream::Reader {
 public:
  Conversation(PeerEndpoint& endpoint, loop::Descriptor connection)
      : endpoint_(endpoint), stream_(std::make_unique<loop::TcpStream>(endpoint.loop_, std::move(connection))) {
    stream_->read_to(this);
    stream_->resume();
  }
  ~Conversation() { stream_->read_to(nullptr); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

 private:
  void on_bytes(MutableBytes bytes) override {
    if (asked_) return;
    line_ += text_of(bytes);
    const auto end = line_.find('\n');
    if (end == std::string::npos) {
      if (line_.size() > kLongestPeerQuestion) over();
      return;
    }
    asked_ = true;
    const auto question = peer_question_in(std::string_view(line_).substr(0, end));
    if (!question) return over();
    do_what_is_asked(*question);
  }
  void on_drained() override {}
  void on_eof() override { over(); }
  void on_lost(const Error& /*why*/) override { over(); }

  void do_what_is_asked(const PeerQuestion& question) {
    auto& runtime = endpoint_.runtime_;
    std::visit(Match{[&](const PeerSessions&) {
                       question_ =
                           runtime.ask_sessions(endpoint_.loop_, [this](const auto& sessions) { answer(sessions); });
                     },
                     [&](const PeerEnd& asked) {
                       runtime.end(asked.sessions, asked.end);
                       answer({});
                     },
                     [&](const PeerVacate& asked) {
                       runtime.vacate(asked.place, asked.end);
                       answer({});
                     },
                     [&](const PeerBans& asked) {
                       runtime.bans_changed(asked.lifted);
                       answer({});
                     }},
               question);
  }
  void answer(const std::vector<session::LiveSession>& sessions) {
    endpoint_.loop_.defer_delete(std::exchange(question_, nullptr));
    stream_->write(bytes_of(line_of(sessions)));
    stream_->end();
  }
  void over() {
    const auto found = std::ranges::find_if(endpoint_.conversations_,
                                            [&](const auto& conversation) { return conversation.get() == this; });
    if (found == endpoint_.conversations_.end()) return;
    endpoint_.loop_.defer_delete(std::move(*found));
    endpoint_.conversations_.erase(found);
  }

  PeerEndpoint& endpoint_;
  std::string line_;
  bool asked_ = false;
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<Runtime::Question> question_;
};

PeerEndpoint::PeerEndpoint(loop::Loop& loop, Runtime& runtime) : loop_(loop), runtime_(runtime) {}

PeerEndpoint::~PeerEndpoint() = default;

Result<std::unique_ptr<PeerEndpoint>> PeerEndpoint::open(loop::Loop& loop, Runtime& runtime,
                                                         const std::filesystem::path& file) {
  std::unique_ptr<PeerEndpoint> endpoint(new PeerEndpoint(loop, runtime));
  auto listener = loop::LocalListener::open(
      loop, file, [endpoint = endpoint.get()](loop::Descriptor connection) { endpoint->begin(std::move(connection)); });
  if (!listener) return std::unexpected(listener.error());
  endpoint->listener_ = *std::move(listener);
  return endpoint;
}

void PeerEndpoint::begin(loop::Descriptor connection) {
  conversations_.push_back(std::make_unique<Conversation>(*this, std::move(connection)));
}

}  // namespace bastion::admin
