// Runs the commands of one person, one at a time, off the loop: a command may wait for a disk, or for another writer.
// One that only reads does not wait behind those that change something. Where too many wait already, it is refused.
#pragma once

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
#include "bastion/loop/work.h"
#include "store/database.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::admin {

class Desk {
 public:
  // A user whose commands they are, and where they come from. They must be an administrator still when anything is done
  // for them.
  struct Client {
    access::Identity identity;
    std::string from_host;
  };
  using OnOutcome = std::function<void(Outcome)>;

  // One command, with what it is given.
  struct Errand {
    std::vector<std::string> words;
    StandardInput input = StandardInput::taken_by_commands();
    // What is behind KEYs that were read already, where the client is.
    std::map<std::string, std::string, std::less<>> keys = {};
    // As in Context.
    std::optional<std::int64_t> after = std::nullopt;
    bool again = false;
    bool can_be_asked = false;
  };

  // `loop` and `site` outlive it. Without a client it is for whoever sits on the machine.
  Desk(loop::Loop& loop, const Site& site, std::optional<Client> client);

  // What answers are written on from now on.
  void on_paper(const Paper& paper) { paper_ = paper; }

  // Not while another one runs. A command that has begun runs to its end, even when the desk is gone; nobody hears of
  // its outcome then.
  void run(Errand errand, OnOutcome on_outcome);
  // What could be named on this line.
  void names(std::string line, std::function<void(const Names&)> on_names);
  // Nobody hears of the outcome of what is running.
  void forget();
  [[nodiscard]] bool busy() const { return question_ != nullptr || work_ != nullptr; }

 private:
  struct Order {
    Errand errand;
    OnOutcome on_outcome;
    Paper paper = {};
    Findings findings = {};
  };

  static Outcome run_for(const std::optional<Client>& client, const Site& site, Order& order,
                         store::Database& database);
  // Does a job where it may wait, with the database or why there is none, and gives what came of it to `then` on the
  // loop's thread; or that there is no room for it.
  template <typename Job, typename Then>
  void work(loop::Executor& executor, Job job, Then then);
  // Whoever may not give the command is asked about nobody else's sessions and backends for it.
  void ask_if_permitted(Inquiry inquiry, Order order);
  void ask(std::monostate /*nothing*/, Order order) { carry_out(std::move(order)); }
  void ask(const SessionsInquiry& inquiry, Order order);
  void ask(const ReachabilityInquiry& inquiry, Order order);
  void ask(const probe::Rehearsal::Question& inquiry, Order order);
  void ask(const InstancesInquiry& inquiry, Order order);
  // Goes on with the order when the answer comes.
  template <auto kFinding>
  [[nodiscard]] auto find(Order order);
  void carry_out(Order order);

  loop::Loop& loop_;
  const Site& site_;
  std::optional<Client> client_;
  Paper paper_;
  std::unique_ptr<store::Database> database_;  // goes with a command, and comes back with its outcome
  std::unique_ptr<Runtime::Question> question_;
  std::unique_ptr<loop::Work> work_;
};

}  // namespace bastion::admin
