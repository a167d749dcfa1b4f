#include "bastion/admin/desk.h"

#include <malloc.h>

#include <utility>

#include "bastion/admin/commands/names.h"
#include "bastion/admin/remote_key.h"
#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

Outcome refused(const Error& error) { return {Status::refused, {}, error.text + "\n"}; }

Result<> check_administrator(store::Database& database, const Desk::Client& client) {
  const auto user = store::Users(database).find(client.name);
  if (!user) return std::unexpected(user.error());
  const bool is_she = *user && (*user)->id == client.user;
  if (!is_she || (*user)->disabled_at || (*user)->role != store::Role::admin) {
    return fail("you are no administrator any more");
  }
  return {};
}

std::unique_ptr<store::Database> open(const std::filesystem::path& file, Outcome& outcome) {
  auto opened = store::Database::open(file, store::Database::Access::change);
  if (opened) return std::make_unique<store::Database>(*std::move(opened));
  outcome = refused(opened.error());
  return nullptr;
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

// On a thread of the pool.
Outcome Desk::run_for(const std::optional<Client>& client, const transport::PublicKey& identity, Order& order,
                      store::Database& database) {
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
                  .identity = [&]() -> Result<transport::PublicKey> { return identity; },
                  .findings = std::move(order.findings),
                  .paper = order.paper,
                  .after = errand.after,
                  .again = errand.again,
                  .can_be_asked = errand.can_be_asked};
  if (client) {
    context.actor = client->name;
    context.key_fingerprint = client->key_fingerprint;
    context.from_host = client->from_host;
    context.still_administrator = [&] { return check_administrator(database, *client); };
  }
  return admin::run(errand.words, context);
}

void Desk::run(Errand errand, OnOutcome on_outcome) {
  const auto inquiry = inquiry_for(errand.words);
  Order order{.errand = std::move(errand), .on_outcome = std::move(on_outcome), .paper = paper_};
  std::visit([&](const auto& one) { ask(one, std::move(order)); }, inquiry);
}

template <auto kFinding>
auto Desk::find(Order order) {
  return [this, order = std::move(order)](auto found) mutable {
    order.findings.*kFinding = std::move(found);
    work(std::move(order));
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
  question_ = site_.runtime.ask_sessions(
      loop_, [this, line = std::move(line), on_names = std::move(on_names)](const auto& sessions) mutable {
        look_up(line, sessions, std::move(on_names));
      });
}

void Desk::look_up(const std::string& line, const std::vector<session::LiveSession>& sessions,
                   std::function<void(const Names&)> on_names) {
  std::vector<std::string> ids;
  ids.reserve(sessions.size());
  for (const auto& session : sessions) ids.push_back(session.id);
  loop_.bury(std::exchange(question_, nullptr));
  work_ = std::make_unique<loop::Work>(
      loop_,
      [this, line, ids = std::move(ids), on_names = std::move(on_names), database = std::move(database_),
       file = site_.database]() mutable -> loop::Work::Then {
        auto names = contained("a completion", [&]() -> Result<Names> {
                       Outcome unheard;
                       if (!database) database = open(file, unheard);
                       return database ? names_in(*database, line) : Names{};
                     }).value_or(Names{});
        names.sessions = std::move(ids);
        return
            [this, on_names = std::move(on_names), database = std::move(database), names = std::move(names)]() mutable {
              database_ = std::move(database);
              loop_.bury(std::exchange(work_, nullptr));
              on_names(names);
            };
      });
}

void Desk::forget() {
  loop_.bury(std::exchange(question_, nullptr));
  loop_.bury(std::exchange(work_, nullptr));
}

void Desk::work(Order order) {
  loop_.bury(std::exchange(question_, nullptr));
  work_ = std::make_unique<loop::Work>(
      loop_,
      [this, order = std::move(order), database = std::move(database_), file = site_.database,
       identity = site_.identity, client = client_]() mutable -> loop::Work::Then {
        // Whatever happens, whoever waits is told that it is over.
        auto ran = contained("a command", [&]() -> Result<Outcome> {
          Outcome unopened;
          if (!database) database = open(file, unopened);
          return database ? run_for(client, identity, order, *database) : unopened;
        });
        auto outcome = ran ? *std::move(ran) : refused(ran.error());
        give_back(order.errand, outcome);
        // From here on it is the loop's thread again, and the desk is there.
        return [this, on_outcome = std::move(order.on_outcome), database = std::move(database),
                outcome = std::move(outcome)]() mutable {
          database_ = std::move(database);
          loop_.bury(std::exchange(work_, nullptr));
          if (!outcome.ends.empty()) site_.runtime.end(outcome.ends, outcome.end);
          if (outcome.vacated) site_.runtime.vacate(*outcome.vacated, outcome.end);
          on_outcome(std::move(outcome));
        };
      });
}

}  // namespace bastion::admin
