// Hears what other bastions of the fleet ask this one (messages.h): a thread, which nobody waits for.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/result.h"
#include "store/fleet/messages.h"
#include "store/fleet/wake_up.h"

namespace bastion::store::fleet {

class Responder {
 public:
  // How often it looks for what it was not told of.
  static constexpr std::chrono::seconds kEvery{1};
  static constexpr std::chrono::seconds kPatience{5};

  // May be called from any thread, once; when the responder has gone, nothing happens.
  using Reply = std::function<void(std::string text)>;
  // Called on the thread: what takes longer replies later. The same question may come twice, where it was not known
  // whether an answer has arrived.
  using OnQuestion = std::function<void(const NodeQuestion& question, Reply reply)>;

  Responder(const std::string& conninfo, const std::string& node, OnQuestion on_question);
  // Ends the thread: soon, whatever it waits for.
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  [[nodiscard]] Result<> start();
  // From any thread, and returns at once: it does nothing more from now on.
  void stop();

 private:
  // Shared with replies, which may come when this is gone.
  struct Replies {
    std::mutex mutex;
    std::vector<std::pair<std::string, std::string>> waiting;  // by the question's id; guarded by mutex
    WakeUp wake_up;
  };

  void run();
  [[nodiscard]] Result<> turn();
  [[nodiscard]] Result<> send_replies();
  [[nodiscard]] Result<> take_questions();

  OnQuestion on_question_;
  WakeUp ended_;
  std::shared_ptr<Replies> replies_ = std::make_shared<Replies>();
  Messages messages_;
  std::set<std::string> open_;  // questions that were handed on
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace bastion::store::fleet
