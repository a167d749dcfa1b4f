// Authenticated logins, past and present, as history: names, not references.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct SessionOpened {
  std::string login;  // the id the user reads in a refusal and the log repeats
  std::string user;
  std::string from_host;
  std::string key_fingerprint;
  std::string container;  // owner/name
  std::string route;      // as people read it: `jump1 > be1`
  std::int64_t at = 0;
};

struct SessionClosed {
  std::string login;
  std::int64_t at = 0;
  std::int64_t bytes_from_user = 0;
  std::int64_t bytes_from_container = 0;
  std::string reason;  // a code of bastion/base/reason.h
};

struct Session {
  SessionOpened opened;
  std::optional<SessionClosed> closed;
};

class Sessions {
 public:
  explicit Sessions(Database& database);

  [[nodiscard]] Result<> open(const SessionOpened& session);
  // Nothing happens when there is no such open session.
  [[nodiscard]] Result<> close(const SessionClosed& session);
  // The newest first.
  [[nodiscard]] Result<std::vector<Session>> latest(int limit);

 private:
  Statement open_;
  Statement close_;
  Statement latest_;
};

}  // namespace bastion::store
