#include "bastion/monitor/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

#include "bastion/base/log.h"
#include "bastion/base/reason.h"
#include "bastion/monitor/labels.h"

namespace bastion::monitor {
namespace {

using metrics::Exposition;
using metrics::Load;
using metrics::Of;
using metrics::Type;

template <typename Number>
std::uint64_t total(const Moment& moment, Number Load::* member) {
  return std::transform_reduce(moment.hearts.begin(), moment.hearts.end(), std::uint64_t{0}, std::plus{},
                               [member](const auto& heart) { return std::uint64_t{heart.load.*member}; });
}

template <auto Member>
void write_total(const Moment& moment, Exposition& out) {
  out.sample(total(moment, Member));
}

template <auto Member>
void write_counter(const Moment& moment, Exposition& out) {
  out.sample((moment.sources.counters.*Member).count());
}

template <auto Member>
void write_figure(const Moment& moment, Exposition& out) {
  if (moment.figures) out.sample((*moment.figures).*Member);
}

void write_build(const Moment& /*moment*/, Exposition& out) {
  out.sample(std::uint64_t{1}, {{"version", BASTION_VERSION}});
}

void write_fates(const Moment& moment, Exposition& out) {
  for (const auto& fate : moment.sources.fates) out.sample(fate.count->count(), {{"fate", fate.label}});
}

// Why connections end whose owner has not authenticated. They are there from the start, so that the first one is seen
// as a change; any other reason is there when it has happened.
bool is_usual_before_login(Reason reason) {
  constexpr std::array kUsual{Reason::client_vanished,         Reason::client_broke_protocol, Reason::too_many_attempts,
                              Reason::login_grace_expired,     Reason::no_version_line,       Reason::made_room,
                              Reason::too_many_rsa_signatures, Reason::database_unreadable,   Reason::passwords_busy};
  return std::ranges::find(kUsual, reason) != kUsual.end();
}

template <typename Write>
void each_reason(Write write) {
  for (std::size_t place = 0; place < reasons(); ++place) {
    write(static_cast<Reason>(place), code_of(static_cast<Reason>(place)), place);
  }
}

void write_logins(const Moment& moment, Exposition& out) {
  const auto& counters = moment.sources.counters;
  const auto methods = method_labels();
  for (std::size_t method = 0; method < methods.size(); ++method) {
    const auto label = methods[method];
    out.sample(counters.logins.at(method).count(), {{"method", label}, {"result", "accepted"}, {"reason", "ok"}});
    each_reason([&](Reason reason, std::string_view code, std::size_t place) {
      const auto count = counters.failed_logins.at(method).at(place).count();
      if (count == 0 && !is_usual_before_login(reason)) return;
      out.sample(count, {{"method", label}, {"result", method == 0 ? "not_tried" : "failed"}, {"reason", code}});
    });
  }
}

void write_denials(const Moment& moment, Exposition& out) {
  const auto methods = method_labels();
  for (std::size_t method = 1; method < methods.size(); ++method) {
    out.sample(moment.sources.counters.denials.at(method).count(), {{"method", methods[method]}});
  }
}

void write_phases(const Moment& moment, Exposition& out) {
  const auto labels = phase_labels();
  for (std::size_t phase = 0; phase < labels.size(); ++phase) {
    out.sample(moment.sources.counters.phases.at(phase), {{"phase", labels[phase]}});
  }
}

void write_container_logins(const Moment& moment, Exposition& out) {
  const auto& counters = moment.sources.counters;
  out.sample(counters.container_logins.count(), {{"result", "done"}, {"reason", "ok"}});
  each_reason([&](Reason reason, std::string_view code, std::size_t place) {
    const auto count = counters.failed_container_logins.at(place).count();
    const bool is_usual = reason >= Reason::no_container && reason <= Reason::bastion_exhausted;
    if (count > 0 || is_usual) out.sample(count, {{"result", "failed"}, {"reason", code}});
  });
}

void write_session_ends(const Moment& moment, Exposition& out) {
  each_reason([&](Reason reason, std::string_view code, std::size_t place) {
    const auto count = moment.sources.counters.session_ends.at(place).count();
    if (count > 0 || !is_usual_before_login(reason)) out.sample(count, {{"reason", code}});
  });
}

void write_bytes(const Moment& moment, Exposition& out) {
  out.sample(total(moment, &Load::bytes_from_users), {{"from", "users"}});
  out.sample(total(moment, &Load::bytes_from_containers), {{"from", "containers"}});
}

void write_dials(const Moment& moment, Exposition& out) {
  out.sample(moment.sources.counters.dials_done.count(), {{"result", "done"}});
  out.sample(moment.sources.counters.dials_failed.count(), {{"result", "failed"}});
}

void write_listings(const Moment& moment, Exposition& out) {
  out.sample(moment.sources.counters.listings_done.count(), {{"result", "done"}});
  out.sample(moment.sources.counters.listings_failed.count(), {{"result", "failed"}});
}

void write_followed(const Moment& moment, Exposition& out) {
  out.sample(moment.sources.counters.containers_moved.count(), {{"what", "moved"}});
  out.sample(moment.sources.counters.containers_gone.count(), {{"what", "gone"}});
  out.sample(moment.sources.counters.containers_adrift.count(), {{"what", "drift"}});
}

void write_not_recorded(const Moment& moment, Exposition& out) {
  out.sample(moment.sources.counters.recordings_refused.count(), {{"result", "refused"}});
  out.sample(moment.sources.counters.recordings_left_out.count(), {{"result", "unrecorded"}});
}

void write_dial_time(const Moment& moment, Exposition& out) { out.sample(moment.sources.counters.dial_time); }

void write_lag(const Moment& moment, Exposition& out) {
  for (const auto& heart : moment.hearts) {
    out.sample(std::chrono::duration<double>(heart.lag).count(),
               {{"loop", heart.watched.kind}, {"number", fmt::format("{}", heart.watched.number)}});
  }
}

void write_lags(const Moment& moment, Exposition& out) { out.sample(moment.lags); }

void write_commit_time(const Moment& moment, Exposition& out) { out.sample(moment.sources.writer.commit_time()); }

template <auto Member>
void write_records(const Moment& moment, Exposition& out) {
  out.sample(std::uint64_t{moment.sources.writer.counts().*Member});
}

template <auto Member>
void write_executors(const Moment& moment, Exposition& out) {
  for (const auto& one : moment.sources.executors) {
    out.sample(std::uint64_t{one.executor->counts().*Member}, {{"executor", one.label}});
  }
}

void write_generations(const Moment& moment, Exposition& out) { out.sample(std::uint64_t{moment.generations}); }

void write_silent(const Moment& moment, Exposition& out) { out.sample(std::uint64_t{moment.silent_generations}); }

void write_lost_lines(const Moment& /*moment*/, Exposition& out) { out.sample(log::lost_lines()); }

void write_drains(const Moment& moment, Exposition& out) { out.sample(std::uint64_t{moment.drains ? 1U : 0U}); }

void write_fleet_change(const Moment& moment, Exposition& out) {
  if (moment.sources.fleet) out.sample(static_cast<std::uint64_t>(moment.sources.fleet().change));
}

void write_fleet_current(const Moment& moment, Exposition& out) {
  if (moment.sources.fleet) out.sample(std::uint64_t{moment.sources.fleet().is_current ? 1U : 0U});
}

void write_start(const Moment& moment, Exposition& out) { out.sample(static_cast<double>(moment.started_at)); }

constexpr auto kSeries = std::to_array<Series>({
    {"bastion_build_info", Type::gauge, "version", "The version of the program. Always 1.", write_build,
     Of::this_process},
    {"bastion_generations", Type::gauge, "",
     "Serving processes: the newest one, and older ones whose sessions have not ended.", write_generations,
     Of::this_process},
    {"bastion_generations_silent", Type::gauge, "",
     "Older processes that do not answer the newest one. What they carry is missing from all series.", write_silent,
     Of::this_process},
    {"bastion_draining", Type::gauge, "", "Whether the bastion is shutting down and accepts no new connections.",
     write_drains, Of::this_process},
    {"bastion_connections_accepted_total", Type::counter, "",
     "Accepted TCP connections, including those that were refused afterwards.",
     write_counter<&metrics::Counters::accepted>},
    {"bastion_strangers", Type::gauge, "", "Open connections that have not authenticated.",
     write_total<&Load::strangers>},
    {"bastion_strangers_turned_away_total", Type::counter, "fate",
     "Connections that the bastion closed before anybody had authenticated.", write_fates},
    {"bastion_auth_denials_total", Type::counter, "method", "Denied authentication requests.", write_denials},
    {"bastion_logins_total", Type::counter, "method, result, reason",
     "Connections that authenticated, or ended before that, by the last method that was tried.", write_logins},
    {"bastion_login_phase_seconds", Type::histogram, "phase", "Duration of the login phases that succeeded.",
     write_phases},
    {"bastion_container_logins_total", Type::counter, "result, reason",
     "Attempts to connect a session to a container, by result.", write_container_logins},
    {"bastion_sessions", Type::gauge, "", "Open sessions, which are authenticated connections.",
     write_total<&Load::sessions>},
    {"bastion_sessions_ended_total", Type::counter, "reason", "Sessions that have ended.", write_session_ends},
    {"bastion_channels", Type::gauge, "", "Open channels of sessions.", write_total<&Load::channels>},
    {"bastion_tunnels", Type::gauge, "", "Open channels that are tunnels through the bastion.",
     write_total<&Load::tunnels>},
    {"bastion_channel_bytes_total", Type::counter, "from", "Channel data that was transferred, in bytes.", write_bytes},
    {"bastion_hops", Type::gauge, "", "Open connections to backends.", write_total<&Load::hops>},
    {"bastion_links", Type::gauge, "", "Open links from backends that dial in.", write_total<&Load::links>},
    {"bastion_dials_total", Type::counter, "result", "Attempts to connect and log in to a backend.", write_dials},
    {"bastion_dial_seconds", Type::histogram, "", "Duration of successful connections and logins to backends.",
     write_dial_time},
    {"bastion_source_listings_total", Type::counter, "result", "Polls of the daemons that run containers.",
     write_listings},
    {"bastion_source_changes_total", Type::counter, "what",
     "Containers that a source reported as moved, as no longer listed, or as being where the directory cannot follow.",
     write_followed},
    {"bastion_recordings_total", Type::counter, "", "Session recordings that were begun.",
     write_counter<&metrics::Counters::recordings>},
    {"bastion_recordings_cut_total", Type::counter, "",
     "Recordings that ended incomplete because the disk could not be written.",
     write_counter<&metrics::Counters::recordings_cut>},
    {"bastion_recordings_missing_total", Type::counter, "result",
     "Sessions that could not be recorded. They were refused or went on unrecorded, as `record_when_full` says.",
     write_not_recorded},
    {"bastion_loop_lag_seconds", Type::gauge, "loop, number",
     "How late the event loop of a thread was when it was last asked, or for how long it has not answered.", write_lag,
     Of::this_process},
    {"bastion_loop_delay_seconds", Type::histogram, "", "How late event loops were. Each is asked once a second.",
     write_lags},
    {"bastion_store_commit_seconds", Type::histogram, "", "Duration of the transactions that write records.",
     write_commit_time},
    {"bastion_store_queue", Type::gauge, "", "Records that wait to be written.",
     write_records<&store::Writer::Counts::queued>},
    {"bastion_store_records_total", Type::counter, "", "Records that were written.",
     write_records<&store::Writer::Counts::written>},
    {"bastion_store_records_lost_total", Type::counter, "", "Records that could not be written or kept.",
     write_records<&store::Writer::Counts::lost>},
    {"bastion_executor_queue", Type::gauge, "executor", "Jobs that wait for a thread.",
     write_executors<&loop::Executor::Counts::queued>},
    {"bastion_executor_running", Type::gauge, "executor", "Jobs that are running in a thread.",
     write_executors<&loop::Executor::Counts::running>},
    {"bastion_executor_refused_total", Type::counter, "executor", "Jobs that were refused because the queue was full.",
     write_executors<&loop::Executor::Counts::refused>},
    {"bastion_log_lines_lost_total", Type::counter, "", "Log lines that were dropped because nobody read them in time.",
     write_lost_lines},
    {"bastion_fleet_change", Type::gauge, "",
     "The last change in the fleet's log that is in this bastion's directory. Only in a fleet.", write_fleet_change,
     Of::this_process},
    {"bastion_fleet_current", Type::gauge, "",
     "Whether the directory had the last change of the fleet's log when the log was last asked, a second ago. 0 while "
     "it cannot be asked. Only in a fleet.",
     write_fleet_current, Of::this_process},
    {"process_cpu_seconds_total", Type::counter, "", "CPU time of the process.",
     write_figure<&ProcessFigures::cpu_seconds>, Of::this_process},
    {"process_resident_memory_bytes", Type::gauge, "", "Resident memory of the process.",
     write_figure<&ProcessFigures::resident_bytes>, Of::this_process},
    {"process_virtual_memory_bytes", Type::gauge, "", "Virtual memory of the process.",
     write_figure<&ProcessFigures::virtual_bytes>, Of::this_process},
    {"process_open_fds", Type::gauge, "", "Open file descriptors of the process.",
     write_figure<&ProcessFigures::open_descriptors>, Of::this_process},
    {"process_max_fds", Type::gauge, "", "Maximum number of open file descriptors.",
     write_figure<&ProcessFigures::most_descriptors>, Of::this_process},
    {"process_threads", Type::gauge, "", "Threads of the process.", write_figure<&ProcessFigures::threads>,
     Of::this_process},
    {"process_start_time_seconds", Type::gauge, "", "Start time of the process, in Unix seconds.", write_start,
     Of::this_process},
});

}  // namespace

std::span<const Series> series() { return kSeries; }

std::string exposition(const Moment& moment) {
  Exposition out(moment.others);
  for (const auto& one : kSeries) {
    out.begin(one.name, one.type, one.help, one.of);
    one.write(moment, out);
  }
  return out.take();
}

metrics::Samples own_samples(const Moment& moment) {
  Exposition out;
  for (const auto& one : kSeries) {
    if (one.of != Of::all) continue;
    out.begin(one.name, one.type, one.help);
    one.write(moment, out);
  }
  return metrics::samples_in(out.take());
}

std::string reference() {
  std::string text = "| series | type | labels | what |\n|---|---|---|---|\n";
  for (const auto& one : kSeries) {
    fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} | {} |\n", one.name, metrics::text_of(one.type),
                   one.labels, one.help);
  }
  return text;
}

}  // namespace bastion::monitor
