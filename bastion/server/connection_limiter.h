// How many connections may be there that have not authenticated, in all and from one source
// (sshd_config's MaxStartups and PerSourceMaxStartups). Kept by the thread that accepts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bastion::server {

class ConnectionLimiter {
 public:
  ConnectionLimiter(int max_strangers, int max_strangers_per_source)
      : max_strangers_(max_strangers), max_per_source_(max_strangers_per_source) {}

  // Other limits from now on; whoever was let in stays.
  void limit(int max_strangers, int max_strangers_per_source) {
    max_strangers_ = max_strangers;
    max_per_source_ = max_strangers_per_source;
  }
  // Counts a new connection, or names the setting that keeps it out: its source's own limit first.
  [[nodiscard]] std::optional<std::string_view> refused_by(const std::string& host) {
    const auto here = by_source_.find(host);
    if ((here == by_source_.end() ? 0 : here->second) >= max_per_source_) return "max_startups_per_source";
    if (strangers_ >= max_strangers_) return "max_startups";
    ++strangers_;
    ++by_source_[host];
    return std::nullopt;
  }
  // One admitted connection is no stranger any more: it authenticated, or it is gone.
  void settle(const std::string& host) {
    const auto found = by_source_.find(host);
    if (found == by_source_.end()) return;
    --strangers_;
    if (--found->second == 0) by_source_.erase(found);
  }

 private:
  int max_strangers_;
  int max_per_source_;
  int strangers_ = 0;
  std::map<std::string, int> by_source_;
};

}  // namespace bastion::server
