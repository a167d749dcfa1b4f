#include "bastion/server/waiting_room.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "bastion/base/log.h"
#include "bastion/base/match.h"
#include "bastion/loop/loop.h"
#include "bastion/server/id.h"

namespace bastion::server {
namespace {

// RFC 4253 section 4.2.
constexpr std::string_view kVersionLine = "SSH-";

// A socket counts as readable when the beginning of a version line is there, or no more will come.
void be_readable_from(const loop::Descriptor& connection, std::size_t bytes) {
  const auto count = static_cast<int>(bytes);
  std::ignore = ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVLOWAT, &count, sizeof count);
}

}  // namespace

struct WaitingRoom::Newcomer {
  loop::Descriptor connection;
  session::Arrival arrival;
  Network source;
  std::chrono::milliseconds until{0};
  std::unique_ptr<loop::Watcher> watcher = nullptr;
};

struct WaitingRoom::Source {
  Newcomers silent;  // in each, whoever came first stands first
  Newcomers spoken;
};

WaitingRoom::WaitingRoom(loop::Loop& loop, Entrance& entrance, const Limits& limits, OnAdmitted on_admitted)
    : loop_(loop),
      entrance_(entrance),
      limits_(limits),
      on_admitted_(std::move(on_admitted)),
      tarpit_(loop, limits.tarpit),
      turn_(loop, [this] { turn(); }) {}

WaitingRoom::~WaitingRoom() = default;

void WaitingRoom::take(loop::Descriptor connection, const Endpoint& from, bool is_check) {
  auto newcomer = std::make_unique<Newcomer>(
      Newcomer{.connection = std::move(connection),
               .arrival = {.id = new_id(), .from_host = from.host, .from_port = from.port, .is_check = is_check},
               .source = entrance_.source_of(from.host)});
  if (ask(*newcomer, Entrance::Step::comes)) return;
  const auto source = newcomer->source;
  if (make_room(source)) return wait(std::move(newcomer), source);
  refuse(*newcomer);
}

void WaitingRoom::refuse(Newcomer& newcomer) {
  newcomer.watcher.reset();
  entrance_.no_room(Endpoint{newcomer.arrival.from_host, newcomer.arrival.from_port});
  tarpit_.take(std::move(newcomer.connection));
}

// Whether it waits no more.
bool WaitingRoom::ask(Newcomer& newcomer, Entrance::Step step) {
  const Endpoint from{newcomer.arrival.from_host, newcomer.arrival.from_port};
  const auto answer = entrance_.enter(from, newcomer.arrival.id, step);
  if (std::holds_alternative<Entrance::Wait>(answer)) return false;
  newcomer.watcher.reset();  // whoever gets the descriptor watches it
  if (const auto* const pass = std::get_if<Entrance::Pass>(&answer)) {
    if (step == Entrance::Step::has_waited) be_readable_from(newcomer.connection, 1);
    on_admitted_(std::move(newcomer.connection), std::move(newcomer.arrival), *pass);
  } else {
    tarpit_.take(std::move(newcomer.connection));
  }
  return true;
}

void WaitingRoom::wait(std::unique_ptr<Newcomer> newcomer, const Network& where) {
  auto& waits = *sources_[where].silent.emplace_back(std::move(newcomer));
  ++waiting_;
  waits.until = loop_.now() + kSilent;
  be_readable_from(waits.connection, kVersionLine.size());
  waits.watcher =
      std::make_unique<loop::Watcher>(loop_, waits.connection.get(), [this, &waits](unsigned) { heard(waits); });
  waits.watcher->watch(loop::Watcher::readable);
  if (!std::exchange(turns_, true)) turn_.repeat(kTurn);
}

// Nobody who has spoken goes for one that has not.
bool WaitingRoom::make_room(const Network& where) {
  const auto found = sources_.find(where);
  const auto count = [](const Source& source) { return source.silent.size() + source.spoken.size(); };
  if (found != sources_.end() && count(found->second) >= limits_.per_source) return give_up_a_silent_one(found->second);
  if (waiting_ < limits_.all) return true;
  if (found != sources_.end()) return give_up_a_silent_one(found->second);
  const auto most = std::ranges::max_element(sources_, {}, [](const auto& one) { return one.second.silent.size(); });
  return most != sources_.end() && give_up_a_silent_one(most->second);
}

bool WaitingRoom::give_up_a_silent_one(Source& source) {
  if (source.silent.empty()) return false;
  refuse(*source.silent.front());
  erase(source.silent, source.silent.begin());
  return true;
}

void WaitingRoom::heard(Newcomer& newcomer) {
  std::array<char, kVersionLine.size()> first{};
  const auto count = ::recv(newcomer.connection.get(), first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  auto& source = sources_.at(newcomer.source);
  const auto here = std::ranges::find(source.silent, &newcomer, &std::unique_ptr<Newcomer>::get);
  newcomer.watcher.reset();
  if (count < static_cast<ssize_t>(first.size())) {
    log::debug("left from={} reason=\"it has not waited\"", newcomer.arrival.from_host);
    return erase(source.silent, here);
  }
  be_readable_from(newcomer.connection, 1);
  if (std::string_view(first.data(), first.size()) != kVersionLine) {
    refuse(newcomer);
    return erase(source.silent, here);
  }
  newcomer.until = loop_.now() + kSpoken;
  const bool is_first = source.spoken.empty();
  source.spoken.splice(source.spoken.end(), source.silent, here);
  if (is_first && ask(newcomer, Entrance::Step::speaks)) erase(source.spoken, source.spoken.begin());
}

// First those who have spoken, of each source as many as are let in; then those go who have waited long enough.
void WaitingRoom::turn() {
  const auto now = loop_.now();
  for (auto& [where, source] : sources_) {
    while (!source.spoken.empty() && ask(*source.spoken.front(), Entrance::Step::speaks)) {
      erase(source.spoken, source.spoken.begin());
    }
    for (auto* const list : {&source.spoken, &source.silent}) {
      while (!list->empty() && list->front()->until <= now) {
        ask(*list->front(), Entrance::Step::has_waited);
        erase(*list, list->begin());
      }
    }
  }
  std::erase_if(sources_, [](const auto& one) { return one.second.silent.empty() && one.second.spoken.empty(); });
  if (!sources_.empty()) return;
  turn_.stop();
  turns_ = false;
}

void WaitingRoom::erase(Newcomers& list, const Newcomers::iterator& newcomer) {
  loop_.defer_delete(std::move(*newcomer));
  list.erase(newcomer);
  --waiting_;
}

}  // namespace bastion::server
