// What has been tried of a login so far, and how long each step took.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bastion/auth/methods.h"
#include "bastion/base/requirement.h"
#include "bastion/loop/loop.h"
#include "bastion/probe/explanation.h"

namespace bastion::probe {

class Trail {
 public:
  explicit Trail(loop::Loop& loop) : loop_(loop), since_(loop.now()) {}

  void good(std::string name, std::string what) { step(std::move(name), std::move(what), true); }
  // What did not work, and ends nothing.
  void failed(std::string name, std::string what) { step(std::move(name), std::move(what), false); }
  // `missing`: what they would be asked for next.
  Explanation denied(std::string name, std::string why, const std::vector<Factor>& missing) {
    step(std::move(name), why, false);
    explanation_.denied = std::move(why);
    explanation_.methods = auth::methods_for(missing);
    return std::move(explanation_);
  }
  Explanation ended(std::string name, End end) {
    step(std::move(name), statement_of(end), false);
    explanation_.end = std::move(end);
    return std::move(explanation_);
  }
  void leads_to(std::string container) { explanation_.container = std::move(container); }
  Explanation succeeded() { return std::move(explanation_); }

 private:
  void step(std::string name, std::string what, bool good) {
    const auto now = loop_.now();
    explanation_.steps.push_back(
        {.name = std::move(name), .what = std::move(what), .took = now - std::exchange(since_, now), .good = good});
  }

  loop::Loop& loop_;
  std::chrono::milliseconds since_;
  Explanation explanation_;
};

}  // namespace bastion::probe
