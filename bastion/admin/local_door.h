// The door for whoever sits on the machine, to what only the bastion that serves can say: a unix socket in the state
// directory, for its owner and root.
//
// One question on a connection, one answer, each a line of JSON:
//   {"words": ["session", "list"], "keys": {}, "input": null, "columns": 0, "coloured": false}
//   {"status": 0, "out": "…", "err": ""}
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "bastion/admin/desk.h"
#include "bastion/base/wire.h"
#include "bastion/loop/local_listener.h"

namespace bastion::admin {

class LocalDoor {
 public:
  // `site` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<LocalDoor>> open(loop::Loop& loop, const Site& site,
                                                               const std::filesystem::path& file);
  ~LocalDoor();
  LocalDoor(const LocalDoor&) = delete;
  LocalDoor& operator=(const LocalDoor&) = delete;

 private:
  class Conversation;

  LocalDoor(loop::Loop& loop, const Site& site);
  void begin(loop::Descriptor connection);

  loop::Loop& loop_;
  const Site& site_;
  std::list<std::unique_ptr<Conversation>> conversations_;
  std::unique_ptr<loop::LocalListener> listener_;
};

// The other side of it: the command is run there, with the KEYs that it names and the standard input as they were read
// here. Nothing when nobody serves there.
[[nodiscard]] std::optional<Outcome> ask_local_door(const std::filesystem::path& file, const Desk::Errand& errand,
                                                    const Paper& paper);

}  // namespace bastion::admin
