#include <algorithm>
#include <cmath>

#include "bastion/admin/grammar/overview.h"
#include "bastion/admin/manifest/timestamp.h"

namespace bastion::admin {
namespace {

using State = upstream::BackendView::State;

double tenths(double number) { return std::round(number * 10) / 10; }

Cell text_or_null(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

Cell cell_of(const Overview::Session& session) {
  const auto& live = session.live;
  return {{"id", live.id},
          {"user", live.user},
          {"from", live.from_host},
          {"container", text_or_null(live.container)},
          {"route", live.route},
          {"since", timestamp_cell(live.since)},
          {"idle_seconds", live.idle.count()},
          {"from_user", live.bytes_from_user},
          {"from_container", live.bytes_from_container},
          {"rate_from_user", tenths(session.rate_from_user)},
          {"rate_from_container", tenths(session.rate_from_container)},
          {"channels", live.channels},
          {"recorded", live.recorded},
          {"bastion", live.node}};
}

Cell cell_of(const Overview::Backend& backend) {
  return {{"name", backend.name},
          {"via", backend.via},
          {"state", state_text(backend.state)},
          {"latency_ms", backend.latency_ms ? Cell(*backend.latency_ms) : Cell(nullptr)},
          {"hops", backend.hops},
          {"sessions", backend.sessions},
          {"containers", backend.containers}};
}

Cell cell_of(const Overview::Refusal& one) {
  const auto& refusal = one.refusal;
  return {{"at", timestamp_cell(refusal.at)}, {"from", refusal.from},     {"user", text_or_null(refusal.user)},
          {"key", text_or_null(refusal.key)}, {"reason", refusal.reason}, {"sentence", refusal.sentence},
          {"id", text_or_null(refusal.id)},   {"bastion", one.bastion}};
}

Cell cell_of(const Overview::Loop& one) {
  return {{"name", one.loop.name},
          {"lag_ms", tenths(static_cast<double>(one.loop.lag.count()) / 1000)},
          {"sessions", one.loop.sessions},
          {"bastion", one.bastion}};
}

template <typename Values>
Cell cells_of(const Values& values) {
  auto cells = Cell::array();
  for (const auto& value : values) cells.push_back(cell_of(value));
  return cells;
}

std::string text_in(const Cell& cell, const char* name) {
  const auto found = cell.find(name);
  return found == cell.end() || found->is_null() ? std::string{} : found->get<std::string>();
}

std::int64_t time_in(const Cell& cell, const char* name) {
  return parse_timestamp(cell.at(name).get<std::string>(), 0).value_or(0);
}

Overview::Session session_in(const Cell& cell) {
  Overview::Session session{.live = {},
                            .rate_from_user = cell.at("rate_from_user").get<double>(),
                            .rate_from_container = cell.at("rate_from_container").get<double>()};
  auto& live = session.live;
  live.id = cell.at("id").get<std::string>();
  live.user = cell.at("user").get<std::string>();
  live.from_host = cell.at("from").get<std::string>();
  live.container = text_in(cell, "container");
  live.route = cell.at("route").get<std::vector<std::string>>();
  live.since = time_in(cell, "since");
  live.idle = std::chrono::seconds(cell.at("idle_seconds").get<std::int64_t>());
  live.bytes_from_user = cell.at("from_user").get<std::uint64_t>();
  live.bytes_from_container = cell.at("from_container").get<std::uint64_t>();
  live.channels = cell.at("channels").get<std::size_t>();
  live.recorded = cell.value("recorded", false);
  live.node = cell.at("bastion").get<std::string>();
  return session;
}

State state_in(const std::string& text) {
  for (const auto state : {State::up, State::suspect, State::down, State::idle}) {
    if (state_text(state) == text) return state;
  }
  return State::unknown;
}

Overview::Backend backend_in(const Cell& cell) {
  Overview::Backend backend{.name = cell.at("name").get<std::string>(),
                            .via = cell.at("via").get<std::vector<std::string>>(),
                            .state = state_in(cell.at("state").get<std::string>()),
                            .hops = cell.at("hops").get<std::size_t>(),
                            .sessions = cell.at("sessions").get<std::size_t>(),
                            .containers = cell.at("containers").get<std::size_t>()};
  if (const auto& latency = cell.at("latency_ms"); !latency.is_null()) backend.latency_ms = latency.get<double>();
  return backend;
}

Overview::Refusal refusal_in(const Cell& cell) {
  return {.refusal = {.at = time_in(cell, "at"),
                      .from = cell.at("from").get<std::string>(),
                      .user = text_in(cell, "user"),
                      .key = text_in(cell, "key"),
                      .reason = cell.at("reason").get<std::string>(),
                      .sentence = cell.at("sentence").get<std::string>(),
                      .id = text_in(cell, "id")},
          .bastion = cell.at("bastion").get<std::string>()};
}

Overview::Loop loop_in(const Cell& cell) {
  constexpr double kMostMilliseconds = 1e12;
  const std::chrono::duration<double, std::milli> lag{
      std::clamp(cell.at("lag_ms").get<double>(), 0.0, kMostMilliseconds)};
  return {.bastion = cell.at("bastion").get<std::string>(),
          .loop = {.name = cell.at("name").get<std::string>(),
                   .lag = std::chrono::round<std::chrono::microseconds>(lag),
                   .sessions = cell.at("sessions").get<std::size_t>()}};
}

template <typename Value>
void read_all(const Cell& cells, Value (*read)(const Cell&), std::vector<Value>& values) {
  for (const auto& cell : cells) values.push_back(read(cell));
}

Overview overview_of_document(const Cell& document) {
  const auto& throughput = document.at("throughput");
  Overview overview{.at = time_in(document, "at"),
                    .bastion = document.at("bastion").get<std::string>(),
                    .version = document.at("version").get<std::string>(),
                    .began = time_in(document, "began"),
                    .for_seconds = document.at("for_seconds").get<double>(),
                    .bastions = document.at("bastions").get<std::size_t>(),
                    .sessions = {},
                    .backends = {},
                    .rate_from_users = throughput.at("from_users").get<double>(),
                    .rate_from_containers = throughput.at("from_containers").get<double>(),
                    .refusals = {},
                    .strangers = {},
                    .loops = {},
                    .missing = text_in(document, "missing")};
  read_all(document.at("sessions"), session_in, overview.sessions);
  read_all(document.at("backends"), backend_in, overview.backends);
  read_all(document.at("refusals"), refusal_in, overview.refusals);
  read_all(document.at("loops"), loop_in, overview.loops);
  for (const auto& [name, count] : document.at("strangers").items()) {
    overview.strangers.emplace_back(name, count.get<std::uint64_t>());
  }
  return overview;
}

}  // namespace

Cell cell_of(const Overview& overview) {
  auto strangers = Cell::object();
  for (const auto& [name, count] : overview.strangers) strangers[name] = count;
  return {
      {"at", timestamp_cell(overview.at)},
      {"bastion", overview.bastion},
      {"version", overview.version},
      {"began", timestamp_cell(overview.began)},
      {"for_seconds", std::round(overview.for_seconds * 1000) / 1000},
      {"bastions", overview.bastions},
      {"sessions", cells_of(overview.sessions)},
      {"backends", cells_of(overview.backends)},
      {"throughput",
       {{"from_users", tenths(overview.rate_from_users)}, {"from_containers", tenths(overview.rate_from_containers)}}},
      {"refusals", cells_of(overview.refusals)},
      {"strangers", std::move(strangers)},
      {"loops", cells_of(overview.loops)},
      {"missing", text_or_null(overview.missing)}};
}

// nlohmann throws where a member is missing or of another kind; what does not come from us is no document.
std::optional<Overview> overview_in(std::string_view json) try {
  return overview_of_document(Cell::parse(json));
} catch (const Cell::exception&) {
  return std::nullopt;
}

}  // namespace bastion::admin
