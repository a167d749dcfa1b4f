// A bastion that serves what the test says: it is asked which sessions run and what happens, and what is to be done to
// them is written down. What else it is asked it never answers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/loop/loop.h"

namespace bastion::test {

struct RecordedRuntime : admin::Runtime {
  std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions) override {
    ++asked;
    auto question = std::make_unique<Asked>();
    asker.post([open = std::weak_ptr(question->open), on_sessions = std::move(on_sessions), answer = sessions] {
      if (!open.expired()) on_sessions(answer);
    });
    return question;
  }
  std::unique_ptr<Question> ask_explanation(loop::Loop& /*asker*/, probe::Explanation::Question /*question*/,
                                            OnExplanation /*on_explanation*/) override {
    ++asked;
    return std::make_unique<Asked>();
  }
  std::unique_ptr<Question> ask_reachability(loop::Loop& /*asker*/, const std::optional<std::string>& /*backend*/,
                                             OnReachability /*on_reachability*/) override {
    ++asked;
    return std::make_unique<Asked>();
  }
  std::unique_ptr<Question> ask_instances(loop::Loop& /*asker*/, std::string /*backend*/, std::string /*projects*/,
                                          OnInstances /*on_instances*/) override {
    ++asked;
    return std::make_unique<Asked>();
  }
  std::unique_ptr<Question> ask_activities(loop::Loop& /*asker*/, const OnActivities& on_activities) override {
    ++asked;
    on_activities(activities);
    return nullptr;
  }
  void end(const std::vector<std::string>& gone, const End& end) override {
    if (while_ending) while_ending();
    ended.insert(ended.end(), gone.begin(), gone.end());
    told = sentence_of(end);
  }
  void vacate(const access::ContainerPlace& place, const End& end) override {
    vacated.push_back(place);
    told = sentence_of(end);
  }

  void bans_changed(const std::optional<Network>& lifted) override {
    ++bans_read;
    if (lifted) forgiven.push_back(lifted->text());
  }

  std::vector<session::LiveSession> sessions;
  admin::Activities activities;  // of nobody, unless the test says so
  int bans_read = 0;
  std::vector<std::string> forgiven;
  int asked = 0;
  std::vector<std::string> ended;
  std::vector<access::ContainerPlace> vacated;
  std::string told;
  std::function<void()> while_ending;  // on the thread of the change, which is written already

 private:
  struct Asked final : Question {
    std::shared_ptr<int> open = std::make_shared<int>();
  };
};

}  // namespace bastion::test
