// A bastion that serves nothing: what it is asked to do to sessions is written down.
#pragma once

#include <string>
#include <vector>

#include "bastion/admin/grammar/runtime.h"

namespace bastion::test {

struct RecordedRuntime final : admin::Runtime {
  std::unique_ptr<Question> ask_sessions(loop::Loop& /*asker*/, OnSessions /*on_sessions*/) override { return nullptr; }
  std::unique_ptr<Question> ask_rehearsal(loop::Loop& /*asker*/, probe::Rehearsal::Question /*question*/,
                                          OnRehearsal /*on_rehearsal*/) override {
    return nullptr;
  }
  std::unique_ptr<Question> ask_reachability(loop::Loop& /*asker*/, const std::optional<std::string>& /*backend*/,
                                             OnReachability /*on_reachability*/) override {
    return nullptr;
  }
  std::unique_ptr<Question> ask_instances(loop::Loop& /*asker*/, std::string /*backend*/,
                                          OnInstances /*on_instances*/) override {
    return nullptr;
  }
  void end(const std::vector<std::string>& sessions, const End& end) override {
    ended.insert(ended.end(), sessions.begin(), sessions.end());
    told = sentence_of(end);
  }
  void vacate(const access::ContainerPlace& place, const End& end) override {
    vacated.push_back(place);
    told = sentence_of(end);
  }

  std::vector<std::string> ended;
  std::vector<access::ContainerPlace> vacated;
  std::string told;
};

}  // namespace bastion::test
