#include "bastion/admin/peer_endpoint.h"

#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/peer_messages.h"
#include "bastion/base/match.h"
#include "bastion/loop/loop.h"

namespace bastion::admin {
class PeerEndpoint::Conversation final : public LineConversation {
 public:
  Conversation(PeerEndpoint& endpoint, loop::Descriptor connection)
      : LineConversation(endpoint.conversations_, std::move(connection)),
        runtime_(endpoint.runtime_),
        figures_(endpoint.figures_) {}
  ~Conversation() override { *here_ = nullptr; }

 private:
  void on_question(std::string_view line) override {
    const auto question = peer_question_in(line);
    if (!question) return leave();
    do_what_is_asked(*question);
  }
  void do_what_is_asked(const PeerQuestion& question) {
    std::visit(Match{[&](const PeerSessions&) {
                       asked_ = runtime_.ask_sessions(loop(), [this](const auto& sessions) { tell(sessions); });
                     },
                     [&](const PeerActivities&) {
                       asked_ = runtime_.ask_activities(loop(), [this](const Activities& found) {
                         loop().defer_delete(std::exchange(asked_, nullptr));
                         answer(line_of(found.parts));
                       });
                     },
                     [&](const PeerEnd& asked) {
                       runtime_.end(asked.sessions, asked.end);
                       tell({});
                     },
                     [&](const PeerVacate& asked) {
                       runtime_.vacate(asked.place, asked.end);
                       tell({});
                     },
                     [&](const PeerBans& asked) {
                       runtime_.bans_changed(asked.lifted);
                       tell({});
                     },
                     [&](const PeerFiguresQuestion&) {
                       figures_.ask_figures([&loop = loop(), here = here_](const PeerFigures& figures) {
                         loop.post([here, line = line_of(figures)] {
                           if (*here != nullptr) (*here)->answer(line);
                         });
                       });
                     },
                     [&](const PeerLastFigures& told) {
                       figures_.take_last(told.id, told.samples);
                       tell({});
                     }},
               question);
  }
  void tell(const std::vector<session::LiveSession>& sessions) {
    loop().defer_delete(std::exchange(asked_, nullptr));
    answer(line_of(sessions));
  }

  Runtime& runtime_;
  PeerFiguresKeeper& figures_;
  std::unique_ptr<Runtime::Question> asked_;
  // With an answer that may come when nobody waits for it any more.
  std::shared_ptr<Conversation*> here_ = std::make_shared<Conversation*>(this);
};

PeerEndpoint::PeerEndpoint(loop::Loop& loop, Runtime& runtime, PeerFiguresKeeper& figures)
    : runtime_(runtime), figures_(figures), conversations_(loop) {}

PeerEndpoint::~PeerEndpoint() = default;

Result<std::unique_ptr<PeerEndpoint>> PeerEndpoint::open(loop::Loop& loop, Runtime& runtime, PeerFiguresKeeper& figures,
                                                         const std::filesystem::path& file) {
  std::unique_ptr<PeerEndpoint> endpoint(new PeerEndpoint(loop, runtime, figures));
  auto listener = loop::LocalListener::open(
      loop, file, [endpoint = endpoint.get()](loop::Descriptor connection) { endpoint->begin(std::move(connection)); });
  if (!listener) return std::unexpected(listener.error());
  endpoint->listener_ = *std::move(listener);
  return endpoint;
}

void PeerEndpoint::begin(loop::Descriptor connection) {
  conversations_.add(std::make_unique<Conversation>(*this, std::move(connection)));
}

}  // namespace bastion::admin
