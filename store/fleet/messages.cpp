#include "store/fleet/messages.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "store/busy.h"
#include "store/fleet/connection.h"
#include "store/fleet/nodes.h"
#include "store/fleet/parameters.h"

namespace bastion::store::fleet {
namespace {

using Clock = std::chrono::steady_clock;

// How long it waits before it looks for answers again of which it was not told.
constexpr std::chrono::milliseconds kLookAgain{500};

// When nobody is waited for any more, it looks once more.
constexpr std::chrono::seconds kLastLook{2};

bool has_answered(const std::vector<NodeAnswer>& answers, const std::string& node) {
  return std::ranges::find(answers, node, &NodeAnswer::node) != answers.end();
}

}  // namespace

Messages::Messages(std::string conninfo, std::string node, std::chrono::milliseconds patience)
    : connection_(std::make_unique<Connection>(std::move(conninfo))), node_(std::move(node)), patience_(patience) {}
Messages::~Messages() = default;
Messages::Messages(Messages&& other) noexcept = default;
void Messages::give_up_when(int descriptor) { connection_->give_up_when(descriptor); }

// Those that are to answer now; who is not there is silent already.
Result<std::vector<std::string>> Messages::receivers(const std::optional<std::string>& receiver, NodeAnswers& answers) {
  constexpr auto* kReceivers =
      "SELECT name, (seen_at > now() - make_interval(secs => $1::bigint))::integer, (removed_at IS NOT NULL)::integer"
      " FROM nodes ORDER BY name";
  Parameters values;
  values.number(Nodes::kThere.count());
  const auto answer = connection_->do_or_fail(kReceivers, values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  std::vector<std::string> names;
  bool is_known = !receiver;
  for (int row = 0; row < PQntuples(&rows); ++row) {
    const std::string name(text_in(rows, row, 0));
    const bool is_removed = number_in<std::int32_t>(rows, row, 2) != 0;
    if (name == node_ && is_removed) return fail("{}: {} is asked nothing, and asks nobody", kRemovedText, node_);
    if (name == node_ || is_removed || (receiver && name != *receiver)) continue;
    is_known = true;
    if (number_in<std::int32_t>(rows, row, 1) != 0) {
      names.push_back(name);
    } else {
      answers.silent.push_back(name);
    }
  }
  if (!is_known) return fail("there is no bastion {} in the fleet", *receiver);
  return names;
}

// What was sent twice is there once.
Result<> Messages::send(const std::string& id, const std::string& text, const std::optional<std::string>& receiver) {
  constexpr auto* kSend =
      "WITH sent AS (INSERT INTO node_messages (id, sender, receiver, question) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT DO NOTHING RETURNING id) SELECT pg_notify('node_messages', '') FROM sent";
  Parameters values;
  values.text(id).text(node_).text_or_null(receiver).text(text);
  const auto sent = connection_->do_or_fail(kSend, values);
  if (!sent) return std::unexpected(sent.error());
  return {};
}

// All of these. Only who has answered is asked for: many answers are long, and one comes after the other.
Result<bool> Messages::have_answered(const std::string& id, const std::vector<std::string>& nodes) {
  Parameters values;
  values.text(id);
  const auto answer = connection_->do_or_fail("SELECT node FROM node_answers WHERE message = $1", values);
  if (!answer) return std::unexpected(answer.error());
  std::set<std::string_view> names;
  for (int row = 0; row < PQntuples(answer->get()); ++row) names.insert(text_in(**answer, row, 0));
  return std::ranges::all_of(nodes, [&](const auto& node) { return names.contains(node); });
}

Result<std::vector<NodeAnswer>> Messages::answers_to(const std::string& id) {
  Parameters values;
  values.text(id);
  const auto answer = connection_->do_or_fail("SELECT node, answer FROM node_answers WHERE message = $1", values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  std::vector<NodeAnswer> answers;
  answers.reserve(static_cast<std::size_t>(PQntuples(&rows)));
  for (int row = 0; row < PQntuples(&rows); ++row) {
    answers.push_back({.node = std::string(text_in(rows, row, 0)), .text = std::string(text_in(rows, row, 1))});
  }
  return answers;
}

// It listens before it asks, and looks after it has listened: no answer is missed.
Result<NodeAnswers> Messages::ask(const std::string& text, const std::optional<std::string>& receiver) {
  if (text.size() > kLongestQuestion) return fail("this is too long for another bastion to be asked");
  const auto until = Clock::now() + patience_;
  connection_->begin(patience_ + kLastLook);
  NodeAnswers found;
  const auto names = receivers(receiver, found);
  if (!names) return std::unexpected(names.error());
  if (names->empty() && found.silent.empty()) return found;
  if (const auto listens = connection_->listens("node_answers"); !listens) return std::unexpected(listens.error());
  const auto id = connection_->do_or_fail("SELECT gen_random_uuid()::text", {});
  if (!id) return std::unexpected(id.error());
  const std::string name(text_in(**id, 0, 0));
  if (const auto sent = send(name, text, receiver); !sent) return std::unexpected(sent.error());
  while (true) {
    const auto are_complete = have_answered(name, *names);
    if (!are_complete) return std::unexpected(are_complete.error());
    const auto left = std::chrono::floor<std::chrono::milliseconds>(until - Clock::now());
    if (*are_complete || left.count() <= 0) break;
    std::ignore = connection_->listens("node_answers");
    std::ignore = connection_->hear(std::min(left, kLookAgain), -1);
  }
  auto answers = answers_to(name);
  if (!answers) return std::unexpected(answers.error());
  found.answers = *std::move(answers);
  for (const auto& node : *names) {
    if (!has_answered(found.answers, node)) found.silent.push_back(node);
  }
  std::erase_if(found.silent, [&](const auto& node) { return has_answered(found.answers, node); });
  std::ranges::sort(found.silent);
  if (found.silent.empty()) {
    Parameters values;
    values.text(name);
    std::ignore = connection_->do_or_fail("DELETE FROM node_messages WHERE id = $1", values);
  }
  return found;
}

Result<std::vector<NodeQuestion>> Messages::unanswered() {
  constexpr auto* kUnanswered =
      "SELECT id, sender, question FROM node_messages AS asked"
      " WHERE sender <> $1 AND (receiver IS NULL OR receiver = $1) AND at > now() - make_interval(secs => $2::bigint)"
      " AND NOT EXISTS (SELECT FROM node_answers WHERE message = asked.id AND node = $1)"
      " AND NOT EXISTS (SELECT FROM nodes WHERE name = $1 AND removed_at IS NOT NULL)"
      " AND NOT EXISTS (SELECT FROM nodes WHERE name = asked.sender AND removed_at IS NOT NULL)"
      " ORDER BY at, id LIMIT 100";
  Parameters values;
  values.text(node_).number(kLife.count());
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(kUnanswered, values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  std::vector<NodeQuestion> questions;
  questions.reserve(static_cast<std::size_t>(PQntuples(&rows)));
  for (int row = 0; row < PQntuples(&rows); ++row) {
    questions.push_back({.id = std::string(text_in(rows, row, 0)),
                         .sender = std::string(text_in(rows, row, 1)),
                         .text = std::string(text_in(rows, row, 2))});
  }
  return questions;
}

Result<> Messages::answer(const std::string& id, const std::string& text) {
  constexpr auto* kAnswer =
      "WITH said AS (INSERT INTO node_answers (message, node, answer)"
      " SELECT id, $2, $3 FROM node_messages WHERE id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING RETURNING message)"
      " SELECT pg_notify('node_answers', message) FROM said";
  Parameters values;
  values.text(id).text(node_).text(text.size() <= kLongestAnswer ? std::string_view(text) : "");
  connection_->begin(patience_);
  const auto said = connection_->do_or_fail(kAnswer, values);
  if (!said) return std::unexpected(said.error());
  return {};
}

Result<> Messages::wait_for_questions(std::chrono::milliseconds most, int interrupted) {
  connection_->begin(patience_);
  const auto listened = connection_->listens("node_messages");
  if (!listened) return std::unexpected(listened.error());
  if (!*listened) return {};
  const auto heard = connection_->hear(most, interrupted);
  return heard ? Result<>{} : std::unexpected(heard.error());
}

Result<> Messages::forget_old() {
  Parameters values;
  values.number(kLife.count());
  connection_->begin(patience_);
  const auto gone =
      connection_->do_or_fail("DELETE FROM node_messages WHERE at < now() - make_interval(secs => $1::bigint)", values);
  if (!gone) return std::unexpected(gone.error());
  return {};
}

}  // namespace bastion::store::fleet
