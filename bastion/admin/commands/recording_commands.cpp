#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bastion/admin/commands/fleet_history.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/record/library.h"
#include "bastion/record/playback.h"

namespace bastion::admin {
namespace {

using record::Found;
using record::Playback;

constexpr int kMostRecordings = 100;
// Where a session is looked for that was at another bastion.
constexpr int kLatestElsewhere = 1000;
constexpr double kUsualIdleLimit = 2;
// Of a document, which is made in memory.
constexpr std::size_t kLongestDocument = std::size_t{64} * 1024 * 1024;

std::string id_of(const Found& found) { return fmt::format("{}-{}", found.session, found.number); }

// By the id of a session, or of one of its recordings.
Result<std::vector<Found>> found_by(const Context& context, const std::string& id) {
  auto all = record::recordings(context.recordings);
  if (!all) return all;
  std::erase_if(*all, [&](const Found& found) { return found.session != id && id_of(found) != id; });
  std::ranges::sort(*all, {}, &Found::number);
  return all;
}

std::unexpected<Error> none_here(const Context& context, const std::string& id) {
  if (context.fleet) {
    const auto session = id.substr(0, id.find('-'));
    const auto all = with_others(*context.fleet, {}, std::nullopt, kLatestElsewhere);
    for (const auto& one : all.rows) {
      if (one.session.opened.id != session || one.node == context.fleet->node) continue;
      return fail("session {} was at {}, and so is what was recorded of it: give this command there", session,
                  one.node);
    }
  }
  return fail("there is no recording of session {} here", id);
}

// The one that is meant.
Result<Found> recording_of(const Context& context, const std::string& id) {
  auto found = found_by(context, id);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return none_here(context, id);
  if (found->size() == 1) return std::move(found->front());
  return fail("session {} has {} recordings: say which one, {}", id, found->size(),
              fmt::join(*found | std::views::transform(id_of), ", "));
}

double number_of(const std::string& text, double usual) {
  double number = usual;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<Streaming> begin_playback(const Context& context, const std::string& id, const Playback::Options& options) {
  const auto found = recording_of(context, id);
  if (!found) return std::unexpected(found.error());
  auto reader = record::Reader::open(found->file);
  if (!reader) return std::unexpected(std::move(reader.error()));
  return Streaming{.playback = std::make_shared<Playback>(*std::move(reader), options)};
}

// All of it at once for programs that read one document.
Result<Answer> whole(Playback& playback) {
  Raw raw;
  for (;;) {
    auto part = playback.next();
    if (!part) return std::unexpected(std::move(part.error()));
    raw.text += part->text;
    if (raw.text.size() > kLongestDocument) return fail("the recording is too long for one document: leave out --json");
    if (part->is_last) return Answer{std::move(raw)};
  }
}

Result<Answer> next_part(const Context& context, const Arguments& arguments, const Playback::Options& options) {
  auto streaming = context.streaming ? Result<Streaming>(*context.streaming)
                                     : begin_playback(context, arguments.text("ID"), options);
  if (!streaming) return std::unexpected(std::move(streaming.error()));
  if (context.is_for_programs) return whole(*streaming->playback);
  auto part = streaming->playback->next();
  if (!part) return std::unexpected(std::move(part.error()));
  Answer answer{Raw{std::move(part->text)}};
  streaming->pause = part->pause;
  if (!part->is_last) answer.streaming = *std::move(streaming);
  return answer;
}

bool is_terminal(const OutputFormat& format) { return format.columns > 0 || format.coloured; }

}  // namespace

Result<Answer> session_recordings(Context& context, const Arguments& arguments) {
  const auto all = record::recordings(context.recordings);
  if (!all) return std::unexpected(all.error());
  const auto user = arguments.optional("--user");
  const auto container = arguments.optional("--container");
  const auto limit = arguments.optional("--limit");
  const auto most = static_cast<std::size_t>(limit ? count_of(*limit) : kMostRecordings);
  Table table{{"id", "user", "container", "began", "seconds", "command", "from", "bytes"}, {}, "no recordings"};
  for (const auto& found : *all) {
    if (table.rows.size() == most) break;
    const auto header = record::header_of(found.file);
    if (!header) continue;  // it has just been begun, or has no room to
    const auto& subject = header->subject;
    if ((user && subject.user != *user) || (container && subject.container != *container)) continue;
    table.rows.push_back({id_of(found), subject.user, subject.container, timestamp_cell(header->at),
                          std::max<std::int64_t>(found.written_at - header->at, 0),
                          header->command.empty() ? Cell(nullptr) : Cell(header->command), subject.from_host,
                          found.bytes});
  }
  return Answer{std::move(table)};
}

Result<Answer> session_play(Context& context, const Arguments& arguments) {
  const auto speed = arguments.optional("--speed");
  const auto limit = arguments.optional("--idle-limit");
  const auto idle = limit ? number_of(*limit, kUsualIdleLimit) : kUsualIdleLimit;
  constexpr double kMicro = 1e6;
  return next_part(context, arguments,
                   {.as = is_terminal(context.format) ? Playback::As::shown : Playback::As::text,
                    .speed = speed ? number_of(*speed, 1) : 1,
                    .idle_limit = std::chrono::microseconds(std::llround(idle * kMicro))});
}

// Each line is a document, in which no line ends: at a terminal, which takes it as it is, each needs its carriage
// return.
Result<Answer> session_export(Context& context, const Arguments& arguments) {
  auto part = next_part(context, arguments, {.as = Playback::As::cast});
  if (!part || !is_terminal(context.format)) return part;
  auto& text = std::get<Raw>(part->content).text;
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, 1, '\r');
  return part;
}

}  // namespace bastion::admin
