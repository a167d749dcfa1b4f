// Authenticated sessions, past and present, as history: names, not references.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct SessionOpened {
  std::string id;  // the id the user reads in a refusal and the log repeats
  std::string user;
  std::string from_host;
  std::string key_fingerprint;
  std::string container;  // owner/name; empty while nobody asked for it
  std::string route;      // as people read it: `jump1 > be1`
  std::int64_t at = 0;
  std::string server = {};  // which process serves it
};

// Where a session leads, once that is known.
struct SessionRouted {
  std::string id;
  std::string container;
  std::string route;
};

struct SessionClosed {
  std::string id;
  std::int64_t at = 0;
  std::int64_t bytes_from_user = 0;
  std::int64_t bytes_from_container = 0;
  std::string reason;  // a code of bastion/base/reason.h
};

struct Session {
  SessionOpened opened;
  std::optional<SessionClosed> closed;
};

struct LastLogin {
  std::int64_t at = 0;
  std::string from_host;
};

class Sessions {
 public:
  explicit Sessions(Database& database);

  [[nodiscard]] Result<> open(const SessionOpened& session);
  [[nodiscard]] Result<> route(const SessionRouted& session);
  // Nothing happens when there is no such open session.
  [[nodiscard]] Result<> close(const SessionClosed& session);
  // Closes what a server that was killed has left open; how much it carried is not known. Returns how many there were.
  [[nodiscard]] Result<int> close_left_open(std::string_view server, std::int64_t now, std::string_view reason);
  // The servers that have open sessions, or have left them open.
  [[nodiscard]] Result<std::vector<std::string>> servers();
  // The newest first: all of them up to a number, or those that are open; of one user when she is named.
  [[nodiscard]] Result<std::vector<Session>> latest(int limit);
  [[nodiscard]] Result<std::vector<Session>> latest(std::string_view user, int limit);
  [[nodiscard]] Result<std::vector<Session>> open_now();
  [[nodiscard]] Result<std::vector<Session>> open_now(std::string_view user);
  // Where sessions have come from that were opened since, and when the last one of each was; the latest, so many at
  // most.
  struct From {
    std::string host;
    std::int64_t at = 0;
  };
  [[nodiscard]] Result<std::vector<From>> came_from(std::int64_t since, int limit);
  // The latest one of this user, as long as there is one, but for this one; nothing when there was none.
  [[nodiscard]] Result<std::optional<LastLogin>> before(std::string_view user, std::string_view id);

 private:
  Statement open_;
  Statement route_;
  Statement close_;
  Statement close_left_open_;
  Statement servers_;
  Statement latest_;
  Statement latest_of_user_;
  Statement open_now_;
  Statement open_now_of_user_;
  Statement came_from_;
  Statement before_;
};

}  // namespace bastion::store
