// Runs the commands of one person, one at a time, off the loop: a command may wait for a disk, or for another writer.
// One that only reads does not wait behind those that change something. Where too many wait already, it is refused.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/admin/commands/completion.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/site.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"
#include "bastion/session/admin_endpoint.h"
#include "store/database.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::admin {

class CommandExecutor {
 public:
  using Door = session::AdminEndpoint::Door;
  // A user whose commands they are, and where they come from. They must have the role for it still when anything is
  // done for them; but for what is about themselves, for which they must be admitted still.
  struct Client {
    access::Identity identity;
    std::string from_host;
    Door door = Door::admin;
    std::string session = {};  // the id of theirs
  };
  using OnOutcome = std::function<void(Outcome)>;
  using OnProgress = std::function<void(const std::string& line)>;

  // One command, with what it is given.
  struct Job {
    std::vector<std::string> words;
    StandardInput input = StandardInput::taken_by_commands();
    // What is behind KEYs that were read already, where the client is.
    std::map<std::string, std::string, std::less<>> keys = {};
    // As in Context.
    std::optional<FollowedAudit> after = std::nullopt;
    std::optional<Streaming> streaming = std::nullopt;
    bool again = false;
    bool can_be_asked = false;
    // Of what is shown again and again: what happened when it was asked last (Outcome::activities).
    std::shared_ptr<const Activities> before = nullptr;
    // Who gives it, where that is somebody on this machine and known.
    std::optional<uid_t> uid = std::nullopt;
  };

  // `loop` and `site` outlive it. Without a client it is for whoever sits on the machine.
  CommandExecutor(loop::Loop& loop, const Site& site, std::optional<Client> client);

  // What answers are written on from now on.
  void set_format(const OutputFormat& format) { format_ = format; }

  // What a command says while it goes on, printable and with its end of line; nobody hears of it after forget().
  void on_progress(OnProgress on_progress) { on_progress_ = std::make_shared<OnProgress>(std::move(on_progress)); }

  // Not while another one runs. A command that has begun runs to its end, even when the executor is gone; nobody hears
  // of its outcome then.
  void run(Job job, OnOutcome on_outcome);
  // What could be named on this line, and for which role commands are to be offered; nothing to whoever has none.
  void names(std::string line, std::function<void(const Names&, store::Role)> on_names);
  // The role they have by now; for what is about themselves that of whoever has none. The error is why they have none.
  void role(std::function<void(Result<store::Role>)> on_role);
  // Nobody hears of the outcome of what is running. Not from inside a function that was given with it, unless that was
  // told the outcome.
  void forget();
  // The same, and it changes nothing. False: it is doing so, and goes on.
  [[nodiscard]] bool give_up();
  [[nodiscard]] bool busy() const { return question_ != nullptr || later_ != nullptr || work_ != nullptr; }

 private:
  struct PendingJob {
    Job job;
    OnOutcome on_outcome;
    OutputFormat format = {};
    RuntimeSnapshot snapshot = {};
    std::function<void(std::string line)> progress = nullptr;
  };

  static Outcome run_for(const std::optional<Client>& client, const Site& site, PendingJob& pending,
                         store::Database& database);
  // Runs a function where it may wait, with the database or why there is none, and gives what came of it to `then` on
  // the loop's thread; or that there is no room for it.
  template <typename Function, typename Then>
  void work(loop::Executor& executor, Function function, Then then);
  // Where it runs, if there is nothing else to say about it; or where what users do about themselves does.
  [[nodiscard]] loop::Executor& place(loop::Executor& usual) const;
  // Whoever may not give the command is asked about nobody else's sessions and backends for it.
  void ask_if_permitted(RuntimeQuery query, PendingJob pending);
  void ask(std::monostate /*nothing*/, PendingJob pending) { carry_out(std::move(pending)); }
  void ask(const SessionsQuery& query, PendingJob pending);
  void ask(const ActivitiesQuery& query, PendingJob pending);
  void ask(const ReachabilityQuery& query, PendingJob pending);
  void ask(const probe::Explanation::Question& query, PendingJob pending);
  void ask(const NodeExplanationQuery& query, PendingJob pending);
  void ask(const InstancesQuery& query, PendingJob pending);
  void ask(const ServerQuery& /*nothing*/, PendingJob pending) { carry_out(std::move(pending)); }
  // Goes on with the job when the answer comes.
  template <auto kPart>
  [[nodiscard]] auto find(PendingJob pending);
  void carry_out(PendingJob pending);

  loop::Loop& loop_;
  const Site& site_;
  std::optional<Client> client_;
  OutputFormat format_;
  std::shared_ptr<OnProgress> on_progress_;    // replaced by forget(); commands that go on have weak ones
  std::unique_ptr<store::Database> database_;  // goes with a command, and comes back with its outcome
  std::unique_ptr<Runtime::Question> question_;
  std::unique_ptr<loop::Timer> later_;  // until it is asked once more
  std::unique_ptr<loop::Work> work_;
  // Set by whoever comes first: a change that begins, or who gives it up. Null where what runs changes nothing.
  std::shared_ptr<std::atomic_flag> claim_;
};

}  // namespace bastion::admin
