// Questions of one bastion of a fleet to the others, and their answers: rows in the fleet's database, of which NOTIFY
// tells at once. What they say is for who uses this.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::store::fleet {

class Connection;

struct NodeQuestion {
  std::string id;  // of no other one
  std::string sender;
  std::string text;
};

struct NodeAnswer {
  std::string node;
  std::string text;
};

// What came of a question to several.
struct NodeAnswers {
  std::vector<NodeAnswer> answers;
  std::vector<std::string> silent;  // who should have answered, and has not
};

// Of one thread at a time.
class Messages {
 public:
  static constexpr std::size_t kLongestQuestion = std::size_t{256} * 1024;
  static constexpr std::size_t kLongestAnswer = std::size_t{32} * 1024 * 1024;
  // A question that is older is answered by nobody, and is taken away.
  static constexpr std::chrono::seconds kLife{60};

  // `node` is this one. No call takes much longer than `patience`.
  Messages(std::string conninfo, std::string node, std::chrono::milliseconds patience);
  ~Messages();
  Messages(Messages&& other) noexcept;
  Messages& operator=(Messages&& other) = delete;
  // Whatever it waits for is given up as soon as this descriptor can be read.
  void give_up_when(int descriptor);

  // Asks one of the others or all of them, and waits until each of those that are there has answered. Who was not
  // there in time finds the question when it comes back, while that lives.
  [[nodiscard]] Result<NodeAnswers> ask(const std::string& text, const std::optional<std::string>& receiver);

  // What this one was asked and has not answered, the oldest first.
  [[nodiscard]] Result<std::vector<NodeQuestion>> unanswered();
  // A question that nobody waits for any more is no error.
  [[nodiscard]] Result<> answer(const std::string& id, const std::string& text);
  // As ChangeLog's: returns when there may be a question.
  [[nodiscard]] Result<> wait_for_questions(std::chrono::milliseconds most, int interrupted);
  // Takes away what is too old.
  [[nodiscard]] Result<> forget_old();

 private:
  [[nodiscard]] Result<std::vector<std::string>> receivers(const std::optional<std::string>& receiver,
                                                           NodeAnswers& answers);
  [[nodiscard]] Result<> send(const std::string& id, const std::string& text,
                              const std::optional<std::string>& receiver);
  [[nodiscard]] Result<bool> have_answered(const std::string& id, const std::vector<std::string>& nodes);
  [[nodiscard]] Result<std::vector<NodeAnswer>> answers_to(const std::string& id);

  std::unique_ptr<Connection> connection_;
  std::string node_;
  std::chrono::milliseconds patience_;
};

}  // namespace bastion::store::fleet
