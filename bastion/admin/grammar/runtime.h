// What administrators' commands may ask of the bastion that serves, and have done to the sessions that run. From any
// thread: answers are posted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/container_place.h"
#include "bastion/admin/grammar/activity.h"
#include "bastion/admin/grammar/answer.h"
#include "bastion/base/network.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/probe/explanation.h"
#include "bastion/probe/order.h"
#include "bastion/session/live_session.h"
#include "bastion/upstream/reachability.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::admin {

class Runtime {
 public:
  using OnSessions = std::function<void(std::vector<session::LiveSession>)>;
  // Of every bastion of the fleet, where there is one.
  struct Everywhere {
    std::vector<session::LiveSession> sessions;
    std::string missing;  // whose are not among them, and why: a sentence, or empty
  };
  using OnEverywhere = std::function<void(Everywhere)>;
  using OnExplanation = std::function<void(probe::Explanation)>;
  using OnReachability = std::function<void(std::vector<upstream::Reachability>)>;
  using OnInstances = std::function<void(Result<std::string>)>;
  using OnOrdered = std::function<void(Result<probe::Ordered>)>;

  // A question that is still open. Destroying it drops the answer.
  class Question {
   public:
    virtual ~Question() = default;
  };

  virtual ~Runtime() = default;

  // Every session that is running now, the oldest first. `asker` is the loop of whoever asks, on which the answer
  // comes; it must outlive the workers' threads.
  [[nodiscard]] virtual std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions) = 0;
  // The same of all bastions of a fleet: some seconds at most.
  [[nodiscard]] virtual std::unique_ptr<Question> ask_everywhere(loop::Loop& asker, OnEverywhere on_everywhere) {
    return ask_sessions(asker, [on_everywhere = std::move(on_everywhere)](std::vector<session::LiveSession> sessions) {
      on_everywhere({.sessions = std::move(sessions), .missing = {}});
    });
  }
  // What happens now, at all bastions of a fleet: two seconds at most. Where nobody can be asked, the answer comes before
  // this returns.
  using OnActivities = std::function<void(Activities)>;
  [[nodiscard]] virtual std::unique_ptr<Question> ask_activities(loop::Loop& /*asker*/,
                                                                 const OnActivities& on_activities) {
    on_activities({});
    return nullptr;
  }
  // What would come of a login, tried by one of the workers.
  [[nodiscard]] virtual std::unique_ptr<Question> ask_explanation(loop::Loop& asker,
                                                                  probe::Explanation::Question question,
                                                                  OnExplanation on_explanation) = 0;
  // The same at another bastion of the fleet, or at this one, by its name in it: half a minute at most. Where there is
  // no fleet, the answer comes before this returns.
  using OnNodeExplanation = std::function<void(Result<probe::Explanation>)>;
  [[nodiscard]] virtual std::unique_ptr<Question> ask_explanation_at(loop::Loop& /*asker*/, const std::string& /*node*/,
                                                                     const probe::Explanation::Question& /*question*/,
                                                                     const OnNodeExplanation& on_explanation) {
    on_explanation(fail("this bastion is one of no fleet: the configuration has no [fleet]"));
    return nullptr;
  }
  // Which backends can be reached, or whether this one can: measured now, which takes some seconds at most. In no
  // order.
  [[nodiscard]] virtual std::unique_ptr<Question> ask_reachability(loop::Loop& asker,
                                                                   const std::optional<std::string>& backend,
                                                                   OnReachability on_reachability) = 0;
  // Which instances a backend runs, in the projects that these options name, as probe/instances.h has it: two minutes
  // at most.
  [[nodiscard]] virtual std::unique_ptr<Question> ask_instances(loop::Loop& asker, std::string backend,
                                                                std::string projects, OnInstances on_instances) = 0;
  // Has a backend do something. `on_ordered` is called on another thread, or destroyed without that when this bastion
  // goes.
  virtual void carry_out(const probe::Order& /*order*/, const OnOrdered& on_ordered) {
    on_ordered(fail("nobody serves who could do that"));
  }
  // Ends those that are still there.
  virtual void end(const std::vector<std::string>& sessions, const End& end) = 0;
  // Ends whatever leads to a place that nobody is routed to any more: when this is called, the store says so already.
  virtual void vacate(const access::ContainerPlace& place, const End& end) = 0;
  // Refuses whom the store says now. What is in the network that was lifted has no penalty either.
  virtual void bans_changed(const std::optional<Network>& lifted) = 0;
  // All that a change does to sessions, at every bastion of a fleet: some seconds at most, so not on the thread of a
  // loop. Returns who has not said that it is done, as a sentence, or nothing.
  virtual std::string take_effect(const SessionEffects& effects) {
    if (!effects.ends.empty()) end(effects.ends, effects.end);
    if (effects.vacated) vacate(*effects.vacated, effects.end);
    if (effects.bans) bans_changed(effects.bans->lifted);
    return {};
  }
};

}  // namespace bastion::admin
