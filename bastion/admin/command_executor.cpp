#include "bastion/admin/command_executor.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "bastion/access/readmission.h"
#include "bastion/admin/commands/names.h"
#include "bastion/admin/commands/own_names.h"
#include "bastion/admin/other_nodes.h"
#include "bastion/admin/remote_key.h"
#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/base/local_user.h"
#include "bastion/base/printable.h"
#include "bastion/base/reason.h"
#include "bastion/loop/loop.h"
#include "store/audit.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/second_factors.h"
#include "store/sign_ons.h"
#include "store/users.h"
#include "store/writer.h"

namespace bastion::admin {
namespace {

// Whoever asks what happens once has rates of so long.
constexpr std::chrono::milliseconds kBetweenActivities{1000};

Outcome refused(const Error& error) { return {Status::refused, {}, error.text + "\n"}; }

using Client = CommandExecutor::Client;
using Door = CommandExecutor::Door;

// What is said of nobody in particular is as it was when they logged in.
access::Defaults defaults_of(const Client& client) {
  access::Defaults defaults{.limits = client.identity.limits};
  if (!client.identity.needs.alternatives.empty()) defaults.needs = client.identity.needs;
  return defaults;
}

// By the rule that lets people in.
Result<access::Identity> identity_of_client(store::Database& database, const Client& client) {
  store::Users users(database);
  store::Keys keys(database);
  store::Cas cas(database);
  store::Revocations revocations(database);
  store::SecondFactors second_factors(database);
  store::Passwords passwords(database);
  store::SignOns sign_ons(database);
  auto now = access::readmission({users, keys, cas, revocations, second_factors, passwords, sign_ons}, client.identity,
                                 {client.from_host, unix_now()}, defaults_of(client));
  if (!now) return fail("{}", sentence_of(now.error()));
  return *std::move(now);
}

// Who came for what is about themselves gives nothing else, whatever they may elsewhere. The other door is for those
// who have a role.
Result<store::Role> role_of_client(store::Database& database, const Client& client) {
  const auto now = identity_of_client(database, client);
  if (!now) return std::unexpected(now.error());
  if (client.door == Door::own) return store::Role::user;
  if (now->role == store::Role::user) return fail("{}", sentence_of({Reason::role_taken, {}, {}}));
  return now->role;
}

Result<store::Role> role_for(const std::optional<Client>& client, store::Database& database) {
  return client ? role_of_client(database, *client) : Result<store::Role>(store::Role::admin);
}

// What could be named on a line, and by whom.
Result<std::pair<Names, store::Role>> offer_for(const std::optional<Client>& client, store::Database& database,
                                                const std::string& line) {
  const auto role = role_for(client, database);
  if (!role) return std::unexpected(role.error());
  if (client && client->door == Door::own) {
    return std::pair(own_names(database, {client->identity.user, client->identity.name}), *role);
  }
  return std::pair(names_in(database, line), client ? std::min(client->identity.role, *role) : *role);
}

// Opened when it is needed first.
Result<store::Database*> opened(std::unique_ptr<store::Database>& database, const fleet::Directory& directory) {
  if (!database) {
    auto made = fleet::open(directory, store::Database::Access::go_on);
    if (!made) return std::unexpected(made.error());
    database = std::make_unique<store::Database>(*std::move(made));
  }
  return database.get();
}

// What a large document took goes back to the system: the allocator would keep it for the next one on this thread.
void give_back(CommandExecutor::Job& job, const Outcome& outcome) {
  constexpr std::size_t kLarge = 1024 * 1024;
  if (job.input.size() < kLarge && outcome.out.size() < kLarge) return;
  job = CommandExecutor::Job{};
  ::malloc_trim(0);
}

}  // namespace

CommandExecutor::CommandExecutor(loop::Loop& loop, const Site& site, std::optional<Client> client)
    : loop_(loop), site_(site), client_(std::move(client)) {}

// What a command is run with.
Outcome CommandExecutor::run_for(const std::optional<Client>& client, const Site& site, PendingJob& pending,
                                 store::Database& database) {
  const auto& job = pending.job;
  Context context{.database = database,
                  .actor = "local",
                  .role = store::Role::admin,
                  .me = site.me,
                  .now = unix_now(),
                  .read_input = [&] { return job.input.text(); },
                  .read_key = [&](std::string_view argument) -> Result<std::string> {
                    const auto read = job.keys.find(argument);
                    return read != job.keys.end() ? read->second : read_remote_key(argument);
                  },
                  .run_ssh = site.run_ssh,
                  .write_down = [&](store::AuditEntry row) { site.writer.audit(std::move(row)); },
                  .identity = [&]() -> Result<PublicIdentity> { return site.identity; },
                  .sealing_key = [&] { return site.sealing_key; },
                  .runtime = &site.runtime,
                  .fleet = fleet::place_of(site.directory),
                  .wait_for_others = waiting_for_others(fleet::place_of(site.directory)),
                  .snapshot = std::move(pending.snapshot),
                  .place_by = site.place_by,
                  .key_command = site.key_command,
                  .recordings = site.recordings,
                  .progress = std::move(pending.progress),
                  .format = pending.format,
                  .after = job.after,
                  .streaming = job.streaming,
                  .again = job.again,
                  .can_be_asked = job.can_be_asked};
  if (job.uid) context.from_host = describe_local_user(*job.uid);
  if (client) {
    context.actor = client->identity.name;
    context.key_fingerprint = access::name_of(client->identity.credential);
    context.from_host = client->from_host;
    context.session = client->session;
    context.role = client->door == Door::own ? store::Role::user : client->identity.role;
    context.self = [&] { return identity_of_client(database, *client); };
    context.role_by_now = [&] { return role_of_client(database, *client); };
  }
  return admin::run(job.words, context);
}

template <typename Function, typename Then>
void CommandExecutor::work(loop::Executor& executor, Function function, Then then) {
  loop_.defer_delete(std::exchange(question_, nullptr));
  // One of two tells it, and only one.
  const auto teller = std::make_shared<Then>(std::move(then));
  work_ = std::make_unique<loop::Work>(
      loop_, executor,
      [this, function = std::move(function), teller, database = std::move(database_),
       &directory = site_.directory]() mutable -> loop::Work::Then {
        // Whatever happens, whoever waits is told that it is over.
        auto found = contained("a command", [&] { return function(opened(database, directory)); });
        // From here on it is the loop's thread again, and the executor is there.
        return [this, teller, database = std::move(database), found = std::move(found)]() mutable {
          database_ = std::move(database);
          loop_.defer_delete(std::exchange(work_, nullptr));
          (*teller)(std::move(found));
        };
      },
      [this, teller](const Error& why) {
        loop_.defer_delete(std::exchange(work_, nullptr));
        (*teller)(std::unexpected(why));
      });
}

void CommandExecutor::run(Job job, OnOutcome on_outcome) {
  claim_.reset();
  auto query = query_for(job.words);
  PendingJob pending{.job = std::move(job), .on_outcome = std::move(on_outcome), .format = format_};
  if (asks_nothing(query)) return carry_out(std::move(pending));
  ask_if_permitted(std::move(query), std::move(pending));
}

// The command itself refuses whoever may not give it, and writes that down.
void CommandExecutor::ask_if_permitted(RuntimeQuery query, PendingJob pending) {
  work(
      place(site_.questions),
      [client = client_, words = pending.job.words](const Result<store::Database*>& database) -> Result<> {
        if (!database) return std::unexpected(database.error());
        const auto role = role_for(client, **database);
        return role ? admin::permitted(words, *role) : std::unexpected(role.error());
      },
      [this, query = std::move(query), pending = std::move(pending)](const Result<>& permitted) mutable {
        if (!permitted) return carry_out(std::move(pending));
        std::visit([&](const auto& one) { ask(one, std::move(pending)); }, query);
      });
}

template <auto kPart>
auto CommandExecutor::find(PendingJob pending) {
  return [this, pending = std::move(pending)](auto found) mutable {
    pending.snapshot.*kPart = std::move(found);
    carry_out(std::move(pending));
  };
}

void CommandExecutor::ask(const SessionsQuery& /*query*/, PendingJob pending) {
  question_ =
      site_.runtime.ask_everywhere(loop_, [this, pending = std::move(pending)](Runtime::Everywhere found) mutable {
        pending.snapshot.sessions = std::move(found.sessions);
        pending.snapshot.missing = std::move(found.missing);
        carry_out(std::move(pending));
      });
}

// The answer may come before there is a question; whoever asks is told on another turn of the loop.
void CommandExecutor::ask(const ActivitiesQuery& query, PendingJob pending) {
  const auto job = std::make_shared<PendingJob>(std::move(pending));
  question_ = site_.runtime.ask_activities(loop_, [this, query, job](Activities found) {
    job->snapshot.activities = std::make_shared<const Activities>(std::move(found));
    job->snapshot.activities_before = job->job.before;
    if (job->job.before) return carry_out(std::move(*job));
    job->job.before = job->snapshot.activities;
    later_ = std::make_unique<loop::Timer>(loop_, [this, query, job] {
      loop_.defer_delete(std::exchange(later_, nullptr));
      loop_.defer_delete(std::exchange(question_, nullptr));
      ask(query, std::move(*job));
    });
    later_->start(kBetweenActivities);
  });
}

void CommandExecutor::ask(const ReachabilityQuery& query, PendingJob pending) {
  question_ =
      site_.runtime.ask_reachability(loop_, query.backend, find<&RuntimeSnapshot::reachability>(std::move(pending)));
}

void CommandExecutor::ask(const probe::Explanation::Question& query, PendingJob pending) {
  auto asked = query;
  asked.asker = client_ ? client_->identity.name : "local";
  question_ =
      site_.runtime.ask_explanation(loop_, std::move(asked), find<&RuntimeSnapshot::explanation>(std::move(pending)));
}

void CommandExecutor::ask(const NodeExplanationQuery& query, PendingJob pending) {
  question_ = site_.runtime.ask_explanation_at(
      loop_, query.node, query.question,
      [this, pending = std::move(pending)](Result<probe::Explanation> explanation) mutable {
        if (explanation)
          pending.snapshot.explanation = *std::move(explanation);
        else
          pending.snapshot.unexplained = std::move(explanation.error());
        carry_out(std::move(pending));
      });
}

void CommandExecutor::ask(const InstancesQuery& query, PendingJob pending) {
  question_ = site_.runtime.ask_instances(loop_, query.backend, query.projects,
                                          find<&RuntimeSnapshot::instances>(std::move(pending)));
}

void CommandExecutor::names(std::string line, std::function<void(const Names&, store::Role)> on_names) {
  claim_.reset();
  using Offer = std::pair<Names, store::Role>;
  const auto look_up = [client = client_, line = std::move(line)](const Result<store::Database*>& database) {
    return database ? offer_for(client, **database, line) : Result<Offer>(std::unexpected(database.error()));
  };
  work(place(site_.questions), look_up, [this, on_names = std::move(on_names)](Result<Offer> offer) mutable {
    if (!offer) return on_names({}, store::Role::user);
    question_ = site_.runtime.ask_sessions(
        loop_, [this, offer = *std::move(offer), on_names = std::move(on_names)](const auto& sessions) mutable {
          loop_.defer_delete(std::exchange(question_, nullptr));
          const bool is_own = client_ && client_->door == Door::own;
          for (const auto& session : sessions) {
            if (!is_own || session.user == client_->identity.name) offer.first.sessions.push_back(session.id);
          }
          on_names(offer.first, offer.second);
        });
  });
}

void CommandExecutor::role(std::function<void(Result<store::Role>)> on_role) {
  claim_.reset();
  work(
      place(site_.questions),
      [client = client_](const Result<store::Database*>& database) -> Result<store::Role> {
        return database ? role_for(client, **database) : Result<store::Role>(std::unexpected(database.error()));
      },
      [on_role = std::move(on_role)](Result<store::Role> found) { on_role(std::move(found)); });
}

loop::Executor& CommandExecutor::place(loop::Executor& usual) const {
  return client_ && client_->door == Door::own ? site_.own : usual;
}

// At once: an answer may be among what this turn of the loop has still to do.
void CommandExecutor::forget() {
  question_.reset();
  later_.reset();
  work_.reset();
  if (on_progress_) on_progress_ = std::make_shared<OnProgress>(*on_progress_);
}

bool CommandExecutor::give_up() {
  if (claim_ && claim_->test_and_set()) return false;
  forget();
  return true;
}

// What it does to running sessions is done in there too, as soon as it is committed: whether or not anybody is there to
// hear of it.
void CommandExecutor::carry_out(PendingJob pending) {
  auto on_outcome = std::move(pending.on_outcome);
  auto& usual = only_reads(pending.job.words)  ? site_.questions
                : is_errand(pending.job.words) ? site_.errands
                                               : site_.changes;
  pending.progress = [&loop = loop_, heard = std::weak_ptr(on_progress_)](const std::string& line) {
    loop.post([heard, line = printable(line) + "\n"] {
      if (const auto on_progress = heard.lock()) (*on_progress)(line);
    });
  };
  const auto claim = may_change(pending.job.words) ? std::make_shared<std::atomic_flag>() : nullptr;
  claim_ = claim;
  work(
      place(usual),
      [pending = std::move(pending), &site = site_, client = client_,
       claim](const Result<store::Database*>& database) mutable -> Result<Outcome> {
        if (claim && claim->test_and_set()) return fail("given up");
        if (!database) return refused(database.error());
        const auto activities = pending.snapshot.activities;
        auto outcome = run_for(client, site, pending, **database);
        outcome.activities = activities;
        give_back(pending.job, outcome);
        return outcome;
      },
      [on_outcome = std::move(on_outcome)](Result<Outcome> outcome) {
        on_outcome(outcome ? *std::move(outcome) : refused(outcome.error()));
      });
}

}  // namespace bastion::admin
