#include "bastion/server/probes.h"

#include <utility>

#include "bastion/base/log.h"
#include "bastion/probe/carry_out.h"
#include "bastion/probe/explain.h"

namespace bastion::server {

template <typename Found>
void Probes::find(Tasks<Found>& tasks, Task<Found> task, std::function<void(Found)> take) {
  const auto place = tasks.emplace(tasks.end(), std::make_unique<Task<Found>>(std::move(task)));
  (*place)->start([this, &tasks, place, take = std::move(take)] {
    take((*place)->take());
    place_.loop.defer_delete(std::move(*place));
    tasks.erase(place);
  });
}

void Probes::explain(probe::Explanation::Question question, std::function<void(probe::Explanation)> take) {
  find(explanations_,
       probe::explain(std::move(question), place_.reader, place_.defaults, place_.credentials, place_.hops,
                      place_.alarm, place_.lookout, place_.external_keys),
       std::move(take));
}

void Probes::list_instances(probe::InstancesWanted wanted, std::function<void(Result<std::string>)> take) {
  find(listings_, probe::list_instances(place_.credentials, place_.hops, place_.reader.backends(), std::move(wanted)),
       std::move(take));
}

void Probes::carry_out(probe::Order order, std::function<void(Result<probe::Ordered>)> take) {
  find(orders_, probe::carry_out(place_.credentials, place_.hops, place_.reader.backends(), std::move(order)),
       std::move(take));
}

void Probes::check_health(std::vector<access::Hop> way, std::function<void(upstream::Reachability)> take) {
  const auto place = health_checks_.emplace(health_checks_.end());
  *place = std::make_unique<probe::HealthCheck>(place_.loop, place_.hops, std::move(way),
                                                [this, place, take = std::move(take)](upstream::Reachability found) {
                                                  take(std::move(found));
                                                  place_.loop.defer_delete(std::move(*place));
                                                  health_checks_.erase(place);
                                                });
  (*place)->start();
}

std::vector<upstream::Prospect> Probes::look(const std::optional<std::string>& backend) {
  std::vector<upstream::Prospect> prospects;
  auto& backends = place_.reader.backends();
  const auto all = backends.all();
  if (!all) log::error("the store cannot be read: {} (backends)", all.error().text);
  if (!all) return prospects;
  for (const auto& one : *all) {
    if (backend && one.name != *backend) continue;
    const auto way = access::find_way(backends, one.id);
    if (!way) log::error("the store cannot be read: {} (backends)", way.error().text);
    if (!way) continue;
    prospects.push_back({.backend = one.id,
                         .way = *way,
                         .has_hop = place_.hops.has(*way),
                         .last_success = place_.hops.last_success(way->empty() ? one.id : way->back().backend)});
  }
  return prospects;
}

}  // namespace bastion::server
