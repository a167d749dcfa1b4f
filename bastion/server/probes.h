// What administrators ask of a worker and what takes its time: logins tried without a user, and backends that are
// measured, asked and told something. On the worker's loop; each gives what came of it there.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/access/route.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/loop/loop.h"
#include "bastion/probe/explanation.h"
#include "bastion/probe/health_check.h"
#include "bastion/probe/instances.h"
#include "bastion/probe/order.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/wake/alarm.h"
#include "store/reader.h"

namespace bastion::auth {
class ExternalKeys;
}

namespace bastion::follow {
class Lookout;
}

namespace bastion::server {

class Probes {
 public:
  // All of it outlives this.
  struct Place {
    loop::Loop& loop;
    store::Reader& reader;
    const access::Defaults& defaults;  // as they count now
    const upstream::Credentials& credentials;
    upstream::HopPool& hops;
    wake::Alarm* alarm;                 // nullptr: nothing is started
    follow::Lookout* lookout;           // nullptr: nobody is asked where a container is
    auth::ExternalKeys* external_keys;  // nullptr: nobody knows more keys than the directory has
  };
  explicit Probes(const Place& place) : place_(place) {}
  // Whatever is under way is given up, and nobody hears of it any more.
  ~Probes() = default;
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  // What Worker has under the same names.
  void explain(probe::Explanation::Question question, std::function<void(probe::Explanation)> take);
  void list_instances(probe::InstancesWanted wanted, std::function<void(Result<std::string>)> take);
  void carry_out(probe::Order order, std::function<void(Result<probe::Ordered>)> take);
  void check_health(std::vector<access::Hop> way, std::function<void(upstream::Reachability)> take);
  [[nodiscard]] std::vector<upstream::Prospect> look(const std::optional<std::string>& backend);

 private:
  template <typename Found>
  using Tasks = std::list<std::unique_ptr<Task<Found>>>;

  template <typename Found>
  void find(Tasks<Found>& tasks, Task<Found> task, std::function<void(Found)> take);

  Place place_;
  Tasks<probe::Explanation> explanations_;
  Tasks<Result<std::string>> listings_;
  Tasks<Result<probe::Ordered>> orders_;
  std::list<std::unique_ptr<probe::HealthCheck>> health_checks_;
};

}  // namespace bastion::server
