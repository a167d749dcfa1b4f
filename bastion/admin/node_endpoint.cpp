#include "bastion/admin/node_endpoint.h"

#include <poll.h>

#include <chrono>
#include <tuple>
#include <utility>
#include <variant>

#include "bastion/base/match.h"
#include "bastion/loop/loop.h"
#include "store/database.h"
#include "store/fleet/replica.h"

namespace bastion::admin {
namespace {

// How long it waits for the log to be followed up to an entry, and how often it looks.
constexpr std::chrono::milliseconds kPatienceWithLog{1000};
constexpr std::chrono::milliseconds kLookAtLog{20};

// Whether the copy has come so far.
bool wait_for_entry(const std::filesystem::path& file, std::int64_t number) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return false;
  const auto until = std::chrono::steady_clock::now() + kPatienceWithLog;
  while (true) {
    const auto position = store::fleet::Replica::position_of(*database);
    if (position && position->number >= number) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::ignore = ::poll(nullptr, 0, static_cast<int>(kLookAtLog.count()));
  }
}

}  // namespace

NodeEndpoint::NodeEndpoint(loop::Loop& loop, Runtime& runtime, std::filesystem::path database)
    : loop_(loop), runtime_(runtime), database_(std::move(database)) {}

NodeEndpoint::~NodeEndpoint() { *here_ = nullptr; }

void NodeEndpoint::take(const store::fleet::NodeQuestion& question, Reply reply) {
  const auto request = node_request_in(question.text);
  if (!request) return reply({});
  std::visit(Match{[&](const PeerSessions&) {
                     loop_.post([here = here_, reply = std::move(reply)]() mutable {
                       if (*here != nullptr) (*here)->ask_sessions(std::move(reply));
                     });
                   },
                   [&](const PeerActivities&) {
                     loop_.post([here = here_, reply = std::move(reply)]() mutable {
                       if (*here != nullptr) (*here)->ask_activities(std::move(reply));
                     });
                   },
                   [&](const NodeExplanation& asked) {
                     loop_.post([here = here_, question = asked.question, reply = std::move(reply)]() mutable {
                       if (*here != nullptr) (*here)->ask_explanation(std::move(question), std::move(reply));
                     });
                   },
                   [&](const NodeEffects& asked) {
                     reply(carry_out(asked) ? line_of(std::vector<session::LiveSession>{}) : std::string{});
                   }},
             *request);
}

void NodeEndpoint::ask_sessions(Reply reply) {
  const auto number = ++last_;
  open_[number] = runtime_.ask_sessions(
      loop_, [this, number, reply = std::move(reply)](const std::vector<session::LiveSession>& sessions) {
        reply(line_of(sessions));
        forget(number);
      });
}

// Where nobody can be asked it is answered before the question is there.
void NodeEndpoint::ask_activities(Reply reply) {
  const auto number = ++last_;
  const auto answered = std::make_shared<bool>(false);
  auto question =
      runtime_.ask_activities(loop_, [this, number, answered, reply = std::move(reply)](const Activities& found) {
        *answered = true;
        reply(line_of(found.parts));
        forget(number);
      });
  if (!*answered) open_[number] = std::move(question);
}

void NodeEndpoint::ask_explanation(probe::Explanation::Question question, Reply reply) {
  const auto number = ++last_;
  open_[number] = runtime_.ask_explanation(
      loop_, std::move(question), [this, number, reply = std::move(reply)](const probe::Explanation& explanation) {
        reply(line_of(explanation));
        forget(number);
      });
}

// What is being answered is still in use.
void NodeEndpoint::forget(std::uint64_t number) {
  const auto asked = open_.find(number);
  if (asked == open_.end()) return;
  loop_.defer_delete(std::move(asked->second));
  open_.erase(asked);
}

// Also where the log is not followed in time: it is right then for what is known here. But it is not said to be done.
bool NodeEndpoint::carry_out(const NodeEffects& asked) {
  const bool is_known = wait_for_entry(database_, asked.number);
  for (const auto& effect : asked.effects) {
    std::visit(Match{[&](const PeerEnd& told) { runtime_.end(told.sessions, told.end); },
                     [&](const PeerVacate& told) { runtime_.vacate(told.place, told.end); },
                     [&](const PeerBans& told) { runtime_.bans_changed(told.lifted); }, [](const auto&) {}},
               effect);
  }
  return is_known;
}

}  // namespace bastion::admin
