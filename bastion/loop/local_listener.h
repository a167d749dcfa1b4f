// A listening unix socket, for whoever has the rights of its file.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/watcher.h"

namespace bastion::loop {

class LocalListener {
 public:
  using OnConnection = std::function<void(Descriptor connection)>;

  enum class For : std::uint8_t { owner, owner_and_group };  // modes 0600 and 0660

  // Makes the file in place of one that is there: whoever listened there is not found any more. Its
  // folder must be private to its owner, because for a moment the file has the mode of the process.
  [[nodiscard]] static Result<std::unique_ptr<LocalListener>> open(Loop& loop, const std::filesystem::path& file,
                                                                   OnConnection on_connection, For whom = For::owner);
  // Removes the file, if it is still the one it has made.
  ~LocalListener();
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

 private:
  LocalListener(Loop& loop, Descriptor fd, std::filesystem::path file, OnConnection on_connection);
  void accept_waiting();

  Descriptor fd_;
  std::filesystem::path file_;
  ino_t inode_;
  OnConnection on_connection_;
  Watcher watcher_;
};

// A connection to such a socket, blocking: for a thread that has nothing else to do. It waits no longer than that to
// connect, to send and to receive, each time; 0: for ever. The error says why there is none.
[[nodiscard]] Result<Descriptor> connect_local(const std::filesystem::path& file,
                                               std::chrono::milliseconds patience = std::chrono::milliseconds{0});

// The same for a loop: it does not block, neither now nor later. One whose backlog is full is an error too, and
// `nobody_listens` where whoever has made the file is gone.
struct NotConnected {
  std::string why;
  bool nobody_listens = false;
};
[[nodiscard]] std::expected<Descriptor, NotConnected> connect_local_at_once(const std::filesystem::path& file);

// What that patience is for a socket that is connected.
void set_patience(const Descriptor& socket, std::chrono::milliseconds patience);

}  // namespace bastion::loop
