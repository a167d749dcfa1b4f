#include "bastion/server/source_follower.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/server/workers.h"

namespace bastion::server {
namespace {

// What a large list took goes back to the system: the allocator would keep it for the next one on this thread.
constexpr std::size_t kLarge = std::size_t{1024} * 1024;

// Belongs to the asker's thread; so does what it shares with the answer.
class LookOutQuestion final : public follow::Lookout::Question {
 public:
  explicit LookOutQuestion(follow::Lookout::OnOver on_over)
      : on_over_(std::make_shared<follow::Lookout::OnOver>(std::move(on_over))) {}
  LookOutQuestion(const LookOutQuestion&) = delete;
  LookOutQuestion& operator=(const LookOutQuestion&) = delete;
  ~LookOutQuestion() override { *on_over_ = nullptr; }

  [[nodiscard]] follow::Lookout::OnOver answer_for(loop::Loop& asker) const {
    return [&asker, on_over = on_over_] {
      asker.post([on_over] {
        if (*on_over) std::exchange(*on_over, nullptr)();
      });
    };
  }

 private:
  std::shared_ptr<follow::Lookout::OnOver> on_over_;
};

// On a thread that may wait.
Result<follow::Report> put_listed(const fleet::Directory& directory, std::int64_t id,
                                  const Result<std::string>& listed) {
  auto database = fleet::open(directory, store::Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  Result<follow::Report> report;
  if (!listed) {
    report = std::unexpected(listed.error());
  } else if (const auto instances = follow::parse_listing(*listed); !instances) {
    report = std::unexpected(instances.error());
  } else {
    report = follow::put(*database, id, *instances, unix_now());
  }
  if (report) return report;
  if (auto noted = follow::put_failure(*database, id, report.error().text); !noted) {
    log::error("the store cannot be written: {} (listings)", noted.error().text);
  }
  return report;
}

// As put_listed().
Result<follow::Report> put_proved(const fleet::Directory& directory, std::int64_t id,
                                  const std::vector<follow::Proof>& proofs) {
  auto database = fleet::open(directory, store::Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  return follow::put_arrivals(*database, id, proofs, unix_now());
}

follow::Report both(follow::Report listing, const follow::Report& arrivals) {
  const auto add = [](auto& to, const auto& more) { to.insert(to.end(), more.begin(), more.end()); };
  add(listing.moved, arrivals.moved);
  add(listing.drifts, arrivals.drifts);
  add(listing.places, arrivals.places);
  listing.listed += arrivals.moved.size();
  return listing;
}

probe::InstancesWanted wanted_of(const std::string& backend, const follow::Source& source) {
  using Program = probe::InstancesWanted::Program;
  return {.backend = backend,
          .projects = source.project ? "--project " + *source.project : std::string{},
          .program = source.program == follow::Source::Program::incus ? Program::incus : Program::lxc};
}

}  // namespace

SourceFollower::SourceFollower(Place place)
    : place_(std::move(place)), tick_(place_.loop, [this] { look_for_sources(); }) {}

SourceFollower::~SourceFollower() = default;

Result<> SourceFollower::start() {
  auto database = store::Database::open(place_.directory.file, store::Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  database_ = std::make_unique<store::Database>(*std::move(database));
  in_store_ = std::make_unique<store::Sources>(*database_);
  tick_.repeat(kTick);
  return {};
}

std::unique_ptr<follow::Lookout::Question> SourceFollower::ask(loop::Loop& asker, std::int64_t source,
                                                               std::int64_t container, OnOver on_over) {
  auto question = std::make_unique<LookOutQuestion>(std::move(on_over));
  place_.loop.post([this, source, container, answer = question->answer_for(asker)]() mutable {
    on_wanted(source, {.container = container, .answer = std::move(answer)});
  });
  return question;
}

void SourceFollower::on_wanted(std::int64_t id, Waiting waiting) {
  waiting.is_late = schedule_.is_asked(id);
  if (!sources_.contains(id)) look_for_sources();
  const auto found = sources_.find(id);
  if (found == sources_.end() || !schedule_.want(id)) return waiting.answer();
  found->second.waiting.push_back(std::move(waiting));
  ask_due();
}

void SourceFollower::look_for_sources() {
  const auto all = in_store_->all();
  if (!all) {
    const bool is_told = std::exchange(unreadable_, all.error().text) == all.error().text;
    if (!is_told) log::error("the store cannot be read: {} (sources)", unreadable_);
    return;
  }
  unreadable_.clear();
  std::vector<std::int64_t> changed;
  for (const auto& set : *all) {
    if (take(set)) changed.push_back(set.backend);
  }
  std::vector<std::pair<std::int64_t, std::chrono::seconds>> wanted;
  for (const auto& set : *all) {
    if (const auto found = sources_.find(set.backend); found != sources_.end()) {
      wanted.emplace_back(set.backend, found->second.source.every);
    }
  }
  schedule_.set(wanted, place_.loop.now());
  for (const auto id : changed) std::ignore = schedule_.want(id);
  std::erase_if(sources_, [&](const auto& one) {
    return one.second.waiting.empty() && !schedule_.is_asked(one.first) &&
           std::ranges::find(wanted, one.first, &std::pair<std::int64_t, std::chrono::seconds>::first) == wanted.end();
  });
  ask_due();
}

bool SourceFollower::take(const store::Sources::Set& set) {
  auto source = follow::parse_source(set.text);
  if (!source) {
    log::debug("the source of a backend is damaged backend={} detail={:?}", set.name, source.error().text);
    return false;
  }
  auto& known = sources_[set.backend];
  known.name = set.name;
  return std::exchange(known.source, *source) != *source;
}

void SourceFollower::ask_due() {
  for (const auto id : schedule_.take_due(place_.loop.now())) {
    const auto found = sources_.find(id);
    if (found != sources_.end()) list(id, found->second);
  }
}

void SourceFollower::list(std::int64_t id, Source& source) {
  for (auto& waiting : source.waiting) waiting.is_late = false;
  source.question =
      place_.workers.ask_instances(place_.loop, wanted_of(source.name, source.source),
                                   [this, id](Result<std::string> listed) { put(id, std::move(listed)); });
}

void SourceFollower::put(std::int64_t id, Result<std::string> listed) {
  auto& source = sources_.at(id);
  place_.loop.defer_delete(std::exchange(source.question, nullptr));
  source.work = std::make_unique<loop::Work>(
      place_.loop, place_.changes,
      [this, id, directory = place_.directory, listed = std::move(listed)]() mutable -> loop::Work::Then {
        auto report = contained("what a backend lists", [&] { return put_listed(directory, id, listed); });
        if (listed && listed->size() >= kLarge) {
          listed = std::string{};
          ::malloc_trim(0);
        }
        return [this, id, report = std::move(report)] { settle(id, report); };
      },
      [this, id](const Error& why) { over(id, std::unexpected(why)); });
}

void SourceFollower::settle(std::int64_t id, const Result<follow::Report>& report) {
  if (!report || report->newcomers.empty()) return over(id, report);
  auto& source = sources_.at(id);
  source.newcomers = std::make_unique<Newcomers>(
      place_.loop, place_.workers, source.name, report->newcomers,
      [this, id, report = *report](std::vector<follow::Proof> proofs) { put_arrivals(id, report, std::move(proofs)); });
  place_.loop.defer_delete(std::exchange(source.work, nullptr));
  source.newcomers->start();
}

void SourceFollower::put_arrivals(std::int64_t id, follow::Report report, std::vector<follow::Proof> proofs) {
  auto& source = sources_.at(id);
  place_.loop.defer_delete(std::exchange(source.newcomers, nullptr));
  source.work = std::make_unique<loop::Work>(
      place_.loop, place_.changes,
      [this, id, directory = place_.directory, report = std::move(report),
       proofs = std::move(proofs)]() -> loop::Work::Then {
        auto arrived = contained("what has come to a backend", [&] { return put_proved(directory, id, proofs); });
        if (arrived) arrived = both(report, *arrived);
        return [this, id, arrived = std::move(arrived)] { over(id, arrived); };
      },
      [this, id](const Error& why) { over(id, std::unexpected(why)); });
}

void SourceFollower::over(std::int64_t id, const Result<follow::Report>& report) {
  auto& source = sources_.at(id);
  place_.loop.defer_delete(std::exchange(source.work, nullptr));
  tell(source, report);
  schedule_.over(id, place_.loop.now());
  // What was said may be older than what such a login has found, unless it is just what it wants to know.
  std::vector<Waiting> later;
  for (auto& waiting : std::exchange(source.waiting, {})) {
    const bool has_moved = report && std::ranges::find(report->places, waiting.container) != report->places.end();
    if (waiting.is_late && report && !has_moved && schedule_.want(id)) {
      later.push_back(std::move(waiting));
    } else {
      waiting.answer();
    }
  }
  source.waiting = std::move(later);
}

void SourceFollower::tell(Source& source, const Result<follow::Report>& report) {
  if (!report) {
    place_.counters.listings_failed.bump();
    if (source.failure == report.error().text) return;
    source.failure = report.error().text;
    return log::warning("a source cannot be followed source={} detail={:?}", source.name, source.failure);
  }
  place_.counters.listings_done.bump();
  source.failure.clear();
  for (const auto& [container, what] : report->moved) {
    place_.counters.containers_moved.bump();
    log::info("container has moved container={} source={} what={:?}", container, source.name, what);
  }
  for (const auto& [container, what] : report->gone) {
    place_.counters.containers_gone.bump();
    log::warning("container is gone container={} source={} what={:?}", container, source.name, what);
  }
  for (const auto& [container, what] : report->back) {
    log::info("container is back container={} source={} what={:?}", container, source.name, what);
  }
  for (const auto& [container, what] : report->drifts) {
    place_.counters.containers_adrift.bump();
    log::warning("container is not followed container={} source={} what={:?}", container, source.name, what);
  }
}

}  // namespace bastion::server
