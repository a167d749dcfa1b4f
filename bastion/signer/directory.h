// What the directory says of a login that is to be signed. It is read in a process of its own: what stands in the file
// is written by the network process, and SQLite is to read none of it where the keys are.
#pragma once

#include <filesystem>
#include <mutex>

#include "bastion/loop/descriptor.h"
#include "bastion/signer/messages.h"

namespace bastion::signer {

class Directory {
 public:
  virtual ~Directory() = default;
  // From any thread. Blocks.
  [[nodiscard]] virtual Standing standing(const Question& question) = 0;
};

// The one at the other end of a socket. One that is gone is an unreadable one.
class RemoteDirectory final : public Directory {
 public:
  explicit RemoteDirectory(loop::Descriptor socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Standing standing(const Question& question) override;

 private:
  std::mutex mutex_;  // a question at a time
  loop::Descriptor socket_;
};

// The other end: answers until nobody can ask any more. The database is opened, for reading, when somebody asks first:
// a start may have to make changes to it until then.
void answer_questions(int socket, const std::filesystem::path& database);

}  // namespace bastion::signer
