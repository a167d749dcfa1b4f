#include "bastion/admin/desk.h"

#include <malloc.h>

#include <utility>

#include "bastion/access/admission.h"
#include "bastion/admin/commands/names.h"
#include "bastion/admin/remote_key.h"
#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"
#include "store/audit.h"
#include "store/keys.h"
#include "store/users.h"
#include "store/writer.h"

namespace bastion::admin {
namespace {

Outcome refused(const Error& error) { return {Status::refused, {}, error.text + "\n"}; }

// By the rule that lets people in, and only administrators.
Result<> check_administrator(store::Database& database, const Desk::Client& client) {
  store::Users users(database);
  store::Keys keys(database);
  const auto now = access::readmission(users, keys, client.identity, {client.from_host, unix_now()}, {});
  if (!now) return fail("{}", sentence_of(now.error()));
  if (now->role != store::Role::admin) return fail("you are no administrator any more");
  return {};
}

Result<> check(const std::optional<Desk::Client>& client, store::Database& database) {
  return client ? check_administrator(database, *client) : Result<>{};
}

// Opened when it is needed first.
Result<store::Database*> opened(std::unique_ptr<store::Database>& database, const std::filesystem::path& file) {
  if (!database) {
    auto made = store::Database::open(file, store::Database::Access::change);
    if (!made) return std::unexpected(made.error());
    database = std::make_unique<store::Database>(*std::move(made));
  }
  return database.get();
}

// What a large document took goes back to the system: the allocator would keep it for the next one on this thread.
void give_back(Desk::Errand& errand, const Outcome& outcome) {
  constexpr std::size_t kLarge = 1024 * 1024;
  if (errand.input.size() < kLarge && outcome.out.size() < kLarge) return;
  errand = Desk::Errand{};
  ::malloc_trim(0);
}

}  // namespace

Desk::Desk(loop::Loop& loop, const Site& site, std::optional<Client> client)
    : loop_(loop), site_(site), client_(std::move(client)) {}

// What a command is run with.
Outcome Desk::run_for(const std::optional<Client>& client, const Site& site, Order& order, store::Database& database) {
  const auto& errand = order.errand;
  Context context{.database = database,
                  .actor = "local",
                  .role = store::Role::admin,
                  .now = unix_now(),
                  .read_input = [&] { return errand.input.text(); },
                  .read_key = [&](std::string_view argument) -> Result<std::string> {
                    const auto read = errand.keys.find(argument);
                    return read != errand.keys.end() ? read->second : read_remote_key(argument);
                  },
                  .write_down = [&](store::AuditEntry row) { site.writer.audit(std::move(row)); },
                  .identity = [&]() -> Result<PublicKey> { return site.identity; },
                  .runtime = &site.runtime,
                  .findings = std::move(order.findings),
                  .paper = order.paper,
                  .after = errand.after,
                  .again = errand.again,
                  .can_be_asked = errand.can_be_asked};
  if (client) {
    context.actor = client->identity.name;
    context.key_fingerprint = access::name_of(client->identity.credential);
    context.from_host = client->from_host;
    context.still_administrator = [&] { return check_administrator(database, *client); };
  }
  return admin::run(errand.words, context);
}

template <typename Job, typename Then>
void Desk::work(loop::Executor& executor, Job job, Then then) {
  loop_.bury(std::exchange(question_, nullptr));
  // One of two tells it, and only one.
  const auto teller = std::make_shared<Then>(std::move(then));
  work_ = std::make_unique<loop::Work>(
      loop_, executor,
      [this, job = std::move(job), teller, database = std::move(database_),
       file = site_.database]() mutable -> loop::Work::Then {
        // Whatever happens, whoever waits is told that it is over.
        auto found = contained("a command", [&] { return job(opened(database, file)); });
        // From here on it is the loop's thread again, and the desk is there.
        return [this, teller, database = std::move(database), found = std::move(found)]() mutable {
          database_ = std::move(database);
          loop_.bury(std::exchange(work_, nullptr));
          (*teller)(std::move(found));
        };
      },
      [this, teller](const Error& why) {
        loop_.bury(std::exchange(work_, nullptr));
        (*teller)(std::unexpected(why));
      });
}

void Desk::run(Errand errand, OnOutcome on_outcome) {
  auto inquiry = inquiry_for(errand.words);
  Order order{.errand = std::move(errand), .on_outcome = std::move(on_outcome), .paper = paper_};
  if (asks_nothing(inquiry)) return carry_out(std::move(order));
  ask_if_permitted(std::move(inquiry), std::move(order));
}

// The command itself refuses whoever may not give it, and writes that down.
void Desk::ask_if_permitted(Inquiry inquiry, Order order) {
  work(
      site_.questions,
      [client = client_](const Result<store::Database*>& database) -> Result<> {
        return database ? check(client, **database) : std::unexpected(database.error());
      },
      [this, inquiry = std::move(inquiry), order = std::move(order)](const Result<>& permitted) mutable {
        if (!permitted) return carry_out(std::move(order));
        std::visit([&](const auto& one) { ask(one, std::move(order)); }, inquiry);
      });
}

template <auto kFinding>
auto Desk::find(Order order) {
  return [this, order = std::move(order)](auto found) mutable {
    order.findings.*kFinding = std::move(found);
    carry_out(std::move(order));
  };
}

void Desk::ask(const SessionsInquiry& /*inquiry*/, Order order) {
  question_ = site_.runtime.ask_sessions(loop_, find<&Findings::sessions>(std::move(order)));
}

void Desk::ask(const ReachabilityInquiry& inquiry, Order order) {
  question_ = site_.runtime.ask_reachability(loop_, inquiry.backend, find<&Findings::reachability>(std::move(order)));
}

void Desk::ask(const probe::Rehearsal::Question& inquiry, Order order) {
  question_ = site_.runtime.ask_rehearsal(loop_, inquiry, find<&Findings::rehearsal>(std::move(order)));
}

void Desk::ask(const InstancesInquiry& inquiry, Order order) {
  question_ = site_.runtime.ask_instances(loop_, inquiry.backend, find<&Findings::instances>(std::move(order)));
}

void Desk::names(std::string line, std::function<void(const Names&)> on_names) {
  const auto look_up = [client = client_, line = std::move(line)](const Result<store::Database*>& database) {
    const bool permitted = database && check(client, **database);
    return permitted ? Result<Names>(names_in(**database, line)) : fail("not permitted");
  };
  work(site_.questions, look_up, [this, on_names = std::move(on_names)](Result<Names> names) mutable {
    if (!names) return on_names({});
    question_ = site_.runtime.ask_sessions(
        loop_, [this, names = *std::move(names), on_names = std::move(on_names)](const auto& sessions) mutable {
          loop_.bury(std::exchange(question_, nullptr));
          for (const auto& session : sessions) names.sessions.push_back(session.id);
          on_names(names);
        });
  });
}

void Desk::forget() {
  loop_.bury(std::exchange(question_, nullptr));
  loop_.bury(std::exchange(work_, nullptr));
}

// What it does to running sessions is done in there too, as soon as it is committed: whether or not anybody is there to
// hear of it.
void Desk::carry_out(Order order) {
  auto on_outcome = std::move(order.on_outcome);
  auto& executor = only_reads(order.errand.words) ? site_.questions : site_.changes;
  work(
      executor,
      [order = std::move(order), &site = site_,
       client = client_](const Result<store::Database*>& database) mutable -> Result<Outcome> {
        if (!database) return refused(database.error());
        auto outcome = run_for(client, site, order, **database);
        give_back(order.errand, outcome);
        return outcome;
      },
      [on_outcome = std::move(on_outcome)](Result<Outcome> outcome) {
        on_outcome(outcome ? *std::move(outcome) : refused(outcome.error()));
      });
}

}  // namespace bastion::admin
