#include "bastion/admin/peer_runtime.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "bastion/admin/gathered_activities.h"
#include "bastion/admin/line_conversation.h"
#include "bastion/base/log.h"
#include "bastion/loop/local_listener.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;
using Sessions = std::vector<session::LiveSession>;

// A process answers as soon as its loops have turned once.
constexpr std::chrono::milliseconds kPatienceOfPeers{2000};
constexpr std::size_t kLongestPeerAnswer = std::size_t{64} * 1024 * 1024;

// One that has just ended has none.
Sessions ask_peer(const PeerRuntime::Connect& connect, const fs::path& socket, const PeerQuestion& question) {
  const auto connection = connect(socket, kPatienceOfPeers);
  if (!connection) {
    log::warning("another bastion process cannot be asked about its sessions: {}", connection.error().text);
    return {};
  }
  const auto answer = ask_line(*connection, line_of(question), kLongestPeerAnswer);
  auto sessions = answer ? sessions_in(*answer) : std::nullopt;
  if (sessions) return *std::move(sessions);
  log::warning("another bastion process has not answered about its sessions: {}: {}", socket.string(),
               answer ? "this is no answer" : answer.error().text);
  return {};
}

// Metrics say themselves that one does not answer: the log says nothing of it, once a second.
constexpr std::chrono::milliseconds kPatienceForFigures{1000};

Result<std::string> ask_for_figures(const PeerRuntime::Connect& connect, const fs::path& socket,
                                    const PeerQuestion& question) {
  const auto connection = connect(socket, kPatienceForFigures);
  if (!connection) return std::unexpected(connection.error());
  return ask_line(*connection, line_of(question), kLongestPeerAnswer);
}

// For a second each: whoever looks at a screen wants to see the rest of it.
Activities ask_peers_for_activities(const PeerRuntime::Connect& connect, const std::vector<fs::path>& peers) {
  Activities all;
  for (const auto& peer : peers) {
    const auto answer = ask_for_figures(connect, peer, PeerActivities{});
    auto activities = answer ? activities_in(*answer) : std::nullopt;
    if (activities) {
      std::ranges::move(*activities, std::back_inserter(all.parts));
    } else {
      all.missing = "another process that serves here has not answered";
    }
  }
  return all;
}

// Belongs to the asker's thread, as what comes back to it does.
class AllSessions final : public Runtime::Question {
 public:
  // `connect` outlives it.
  AllSessions(const PeerRuntime::Connect& connect, Runtime::OnSessions on_sessions)
      : connect_(connect), on_sessions_(std::move(on_sessions)) {}

  // `own` may be nullptr: of the others only.
  void ask(loop::Loop& asker, Runtime* own, loop::Executor& questions,
           std::shared_ptr<const std::vector<fs::path>> peers) {
    missing_ = own == nullptr ? 1 : 2;
    if (own != nullptr) own_ = own->ask_sessions(asker, [this](Sessions sessions) { take(std::move(sessions)); });
    others_.emplace(
        asker, questions,
        [this, &connect = connect_, peers = std::move(peers)]() -> loop::Work::Then {
          Sessions all;
          for (const auto& peer : *peers) {
            std::ranges::move(ask_peer(connect, peer, PeerSessions{}), std::back_inserter(all));
          }
          return [this, all = std::move(all)]() mutable { take(std::move(all)); };
        },
        [this](const Error& why) {
          log::warning("the other bastion processes could not be asked about their sessions: {}", why.text);
          take({});
        });
  }

 private:
  // The last one may destroy this.
  void take(Sessions sessions) {
    std::ranges::move(sessions, std::back_inserter(sessions_));
    if (--missing_ > 0) return;
    std::ranges::sort(sessions_, {}, [](const session::LiveSession& one) { return std::tie(one.since, one.id); });
    const auto on_sessions = std::move(on_sessions_);
    on_sessions(std::move(sessions_));
  }

  const PeerRuntime::Connect& connect_;
  Runtime::OnSessions on_sessions_;
  int missing_ = 0;
  Sessions sessions_;
  std::unique_ptr<Runtime::Question> own_;
  std::optional<loop::Work> others_;
};

}  // namespace

PeerRuntime::PeerRuntime(Runtime& own, loop::Executor& questions)
    : PeerRuntime(own, questions, [](const fs::path& socket, std::chrono::milliseconds patience) {
        return loop::connect_local(socket, patience);
      }) {}

void PeerRuntime::set_peers(std::vector<fs::path> sockets) {
  const std::scoped_lock lock(mutex_);
  peers_ = std::make_shared<const std::vector<fs::path>>(std::move(sockets));
}

PeerRuntime::Sockets PeerRuntime::peers() const {
  const std::scoped_lock lock(mutex_);
  return peers_;
}

std::unique_ptr<Runtime::Question> PeerRuntime::ask_sessions(loop::Loop& asker, OnSessions on_sessions) {
  auto peers = this->peers();
  if (peers->empty()) return own_.ask_sessions(asker, std::move(on_sessions));
  auto question = std::make_unique<AllSessions>(connect_, std::move(on_sessions));
  question->ask(asker, &own_, questions_, std::move(peers));
  return question;
}

std::unique_ptr<Runtime::Question> PeerRuntime::ask_activities(loop::Loop& asker, const OnActivities& on_activities) {
  auto peers = this->peers();
  if (peers->empty()) return own_.ask_activities(asker, on_activities);
  auto question = std::make_unique<GatheredActivities>(on_activities);
  question->ask(asker, own_, questions_,
                [&connect = connect_, peers = std::move(peers)] { return ask_peers_for_activities(connect, *peers); });
  return question;
}

std::unique_ptr<Runtime::Question> PeerRuntime::ask_others(loop::Loop& asker, OnSessions on_sessions) {
  auto question = std::make_unique<AllSessions>(connect_, std::move(on_sessions));
  question->ask(asker, nullptr, questions_, peers());
  return question;
}

std::vector<std::optional<PeerFigures>> PeerRuntime::ask_figures() const {
  std::vector<std::optional<PeerFigures>> all;
  const auto peers = this->peers();
  for (const auto& peer : *peers) {
    const auto answer = ask_for_figures(connect_, peer, PeerFiguresQuestion{});
    all.push_back(answer ? figures_in(*answer) : std::nullopt);
  }
  return all;
}

void PeerRuntime::tell_last_figures(const std::string& id, const PeerSamples& samples) const {
  const auto peers = this->peers();
  for (const auto& peer : *peers) std::ignore = ask_for_figures(connect_, peer, PeerLastFigures{id, samples});
}

void PeerRuntime::tell_peers(const PeerQuestion& question) const {
  const auto peers = this->peers();
  for (const auto& peer : *peers) std::ignore = ask_peer(connect_, peer, question);
}

void PeerRuntime::end(const std::vector<std::string>& sessions, const End& end) {
  own_.end(sessions, end);
  tell_peers(PeerEnd{sessions, end});
}

void PeerRuntime::vacate(const access::ContainerPlace& place, const End& end) {
  own_.vacate(place, end);
  tell_peers(PeerVacate{place, end});
}

void PeerRuntime::bans_changed(const std::optional<Network>& lifted) {
  own_.bans_changed(lifted);
  tell_peers(PeerBans{lifted});
}

}  // namespace bastion::admin
