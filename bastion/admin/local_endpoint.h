// The endpoint for whoever sits on the machine, to what only the bastion that serves can say: a unix socket in the
// state directory, for its owner and root.
//
// One question on a connection, one answer, each a line of JSON:
//   {"words": ["session", "list"], "keys": {}, "input": null, "columns": 0, "coloured": false}
//   {"status": 0, "out": "…", "err": ""}
// Before the answer of a command that takes its time may come lines of {"progress": "…"}.
#pragma once

#include <memory>
#include <variant>

#include "bastion/admin/command_executor.h"
#include "bastion/admin/line_conversation.h"
#include "bastion/config/state_dir.h"
#include "bastion/loop/local_listener.h"

namespace bastion::admin {

class LocalEndpoint {
 public:
  // `site` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<LocalEndpoint>> open(loop::Loop& loop, const Site& site,
                                                                   const std::filesystem::path& file);
  ~LocalEndpoint();
  LocalEndpoint(const LocalEndpoint&) = delete;
  LocalEndpoint& operator=(const LocalEndpoint&) = delete;

  // Somebody waits for an answer.
  [[nodiscard]] bool is_busy() const { return !conversations_.empty(); }

 private:
  class Conversation;

  LocalEndpoint(loop::Loop& loop, const Site& site);
  void begin(loop::Descriptor connection);

  const Site& site_;
  LineConversations conversations_;
  std::unique_ptr<loop::LocalListener> listener_;
};

// No bastion serves from that state directory.
struct NobodyServes {};
// One does, or it cannot be told; and it cannot be asked.
struct CannotAsk {
  Error why;
};
using Reply = std::variant<Outcome, NobodyServes, CannotAsk>;

// The other side of it: the command is run there, with the KEYs that it names and the standard input as they were read
// here.
[[nodiscard]] Reply ask_local_endpoint(const config::StateDir& state, const CommandExecutor::Job& job,
                                       const OutputFormat& format);

}  // namespace bastion::admin
