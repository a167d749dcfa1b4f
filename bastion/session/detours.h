// Who has lately set out for a container and then gone elsewhere (`me`). Its sshd may count connections on which nobody
// logs in against the address that they come from (PerSourcePenalties in sshd_config(5)), which is the hop's: so it is
// done once in a while only. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

namespace bastion::session {

class Detours {
 public:
  using Time = std::chrono::milliseconds;  // by one clock

  [[nodiscard]] bool may_set_out(std::int64_t user, Time now);
  void note(std::int64_t user, Time now);

  static constexpr std::chrono::seconds kRemembered{60};
  static constexpr std::size_t kMost = 4096;  // with so many of them nobody sets out

 private:
  void forget(Time now);

  std::map<std::int64_t, Time> until_;
};

}  // namespace bastion::session
