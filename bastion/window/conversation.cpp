#include "bastion/window/conversation.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"
#include "bastion/window/run_request.h"

namespace bastion::window {
namespace {

using admin::CommandExecutor;
using admin::Outcome;
using admin::Status;
using Words = std::vector<std::string>;

constexpr std::string_view kJson = "--json";
constexpr std::string_view kNoInput = "the window has no standard input: give what stands in it in place of -";
constexpr Refused kTooManyLive{http::Status::too_many,
                               "too many pages of the window are live: close one, and this one goes on\n"};
constexpr Refused kNoRecordings{http::Status::not_found, "there are no recordings here\n"};

CommandExecutor::Client client_at(const session::AdminEndpoint::Client& client, session::AdminEndpoint::Door door) {
  return {
      .identity = client.identity, .from_host = client.arrival.from_host, .door = door, .session = client.arrival.id};
}

bool is_command(std::string_view words) {
  return std::ranges::find(admin::commands(), words, &admin::Command::words) != admin::commands().end();
}

void add_once(Words& words, std::string_view word) {
  if (std::ranges::find(words, word) == words.end()) words.emplace_back(word);
}

// What a page is shown while it is open moves by itself, and what is refused may be of any page.
bool is_by_somebody(const Route& route) {
  return !std::holds_alternative<LiveRoute>(route) && !std::holds_alternative<Refused>(route);
}

Outcome usage(std::string why) { return {.status = Status::usage, .out = {}, .err = std::move(why) + "\n"}; }

}  // namespace

BrowserConversation::BrowserConversation(Surroundings surroundings, session::AdminEndpoint::Client client,
                                         Limits::Seat seat, std::unique_ptr<connection::LocalChannel> channel,
                                         session::WindowEndpoint::Events events)
    : surroundings_(std::move(surroundings)),
      client_(std::move(client)),
      seat_(std::move(seat)),
      channel_(std::move(channel)),
      events_(std::move(events)),
      http_(*channel_, kLimits, http::Connection::Serves::many, *this),
      snapshots_(surroundings_.place, client_.identity.name),
      deadline_(client_.loop, [this] { on_over(); }) {}

void BrowserConversation::start() {
  channel_->count_apart();
  deadline_.start(kLongestSilence);
  http_.start();
}

void BrowserConversation::on_request(http::Request request) {
  deadline_.stop();
  const auto route = route_of(request, surroundings_.asked);
  body_ = std::move(request.body);
  if (is_by_somebody(route)) events_.on_used();
  std::visit([this](const auto& one) { serve(one); }, route);
}

void BrowserConversation::on_sent() {
  deadline_.stop();
  channel_->backlog() == 0 ? on_over() : deadline_.start(kLongestFarewell);
}

void BrowserConversation::on_over() {
  if (events_.on_over) std::exchange(events_.on_over, nullptr)();
}

// A page that may not use the window keeps no connection of those that the user may have.
void BrowserConversation::serve(const Refused& refused) {
  using enum http::Behind;
  http_.answer(refusal(refused), refused.status == http::Status::forbidden ? closes : goes_on);
}

void BrowserConversation::serve(const Asset* asset) { http_.answer(page(*asset)); }

// The role is the one they have by now.
void BrowserConversation::serve(const WhoRoute& /*who*/) {
  executor(client_.door).role([this](const Result<store::Role>& role) {
    if (role)
      return http_.answer(
          json_response(who_text(surroundings_.place, {client_.identity.name, client_.arrival.id}, *role)));
    http::Response gone{.status = http::Status::forbidden, .body = role.error().text + "\n"};
    http_.answer(secured(std::move(gone)));
  });
}

void BrowserConversation::serve(const RunRoute& /*run*/) {
  auto asked = parse_run_request(body_);
  if (!asked) {
    http::Response wrong{.status = http::Status::bad_request, .body = asked.error().text + "\n"};
    return http_.answer(secured(std::move(wrong)));
  }
  const auto door = has_role() && !asked->is_own ? Door::admin : Door::own;
  auto words = door == Door::own ? admin::own_words(std::move(asked->words)) : std::move(asked->words);
  if (admin::is_streamed(words)) {
    return http_.answer(json_response(run_text(usage("recordings are at /api/recordings/ID"), false)));
  }
  if (admin::is_followed(words)) {
    return http_.answer(
        json_response(run_text(usage("--follow has no end: the window shows what is new by itself"), false)));
  }
  const bool is_help = admin::help_for(words, client_.identity.role).has_value();
  if (!is_help) add_once(words, kJson);
  if (asked->is_confirmed && can_be_confirmed(words)) add_once(words, admin::kYesOption);
  CommandExecutor::Job job{.words = std::move(words), .input = admin::StandardInput::none({std::string(kNoInput)})};
  run(door, std::move(job),
      [this, is_help](const Outcome& outcome) { http_.answer(json_response(run_text(outcome, !is_help))); });
}

void BrowserConversation::serve(const RecordingRoute& recording) {
  constexpr std::string_view kExport = "session export";
  if (!has_role() || !is_command(kExport)) return serve(kNoRecordings);
  has_begun_ = false;
  watch({"session", "export", recording.id}, [this](const Outcome& outcome) { show_part(outcome); });
}

// It comes part by part, the next one when there is room for it.
void BrowserConversation::show_part(const Outcome& outcome) {
  if (outcome.status != Status::done && !has_begun_) {
    return http_.answer(secured({.status = http::Status::not_found, .body = outcome.err}));
  }
  events_.on_used();
  if (!std::exchange(has_begun_, true)) http_.begin_stream(secured({.type = "application/x-asciicast"}));
  http_.write(outcome.out);
  if (!outcome.streaming) http_.end();
}

void BrowserConversation::serve(const LiveRoute& /*live*/) {
  auto seat = surroundings_.limits.take(client_.identity.user, Limits::Kind::live);
  if (!seat) return serve(kTooManyLive);
  live_seat_.emplace(*std::move(seat));
  http_.begin_stream(secured({.type = "text/event-stream"}));
  Words words{"me", "session", "list", std::string(kJson)};
  if (has_role()) words = {"top", std::string(kJson)};
  watch(std::move(words), [this](const Outcome& outcome) { show(outcome); });
}

// Whoever does not read misses what was meanwhile, and sees what is then.
void BrowserConversation::watch(Words words, std::function<void(const Outcome&)> show) {
  watch_ = std::make_unique<admin::Watch>(
      client_.loop, executor(client_.door), std::move(words),
      admin::Watch::Viewer{.show = std::move(show), .has_room = [this] { return http_.has_room(); }});
  watch_->start();
}

void BrowserConversation::show(const Outcome& outcome) {
  if (outcome.status != Status::done) {
    http_.write(event_text("refused", run_text(outcome, false)));
    return http_.end();
  }
  if (has_role()) return http_.write(event_text("snapshot", outcome.out));
  const auto now = loop::Loop::instant();
  const auto before = std::exchange(shown_at_, now);
  const auto since = before.count() == 0 ? std::chrono::microseconds::zero() : now - before;
  http_.write(event_text("snapshot", snapshots_.next(outcome.out, unix_now(), since)));
}

CommandExecutor& BrowserConversation::executor(Door door) {
  auto& executor = door == Door::own ? own_executor_ : executor_;
  if (!executor) {
    executor = std::make_unique<CommandExecutor>(client_.loop, surroundings_.site, client_at(client_, door));
  }
  return *executor;
}

void BrowserConversation::run(Door door, CommandExecutor::Job job, CommandExecutor::OnOutcome on_outcome) {
  executor(door).run(std::move(job), std::move(on_outcome));
}

}  // namespace bastion::window
