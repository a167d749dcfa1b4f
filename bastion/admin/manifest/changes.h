// One apply() while it is done: what has changed so far.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/apply.h"

namespace bastion::admin {

class Changes {
 public:
  // `now` in Unix seconds.
  Changes(Unnamed unnamed, std::int64_t now) : unnamed_(unnamed), now_(now) {}

  [[nodiscard]] std::int64_t now() const { return now_; }
  [[nodiscard]] bool unnamed_go() const { return unnamed_ == Unnamed::go; }

  void record(Change::Kind kind, std::string what, std::string name, std::string detail = {}) {
    all_.push_back({kind, std::move(what), std::move(name), std::move(detail)});
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  // Takes back the last ones: another one says it all.
  void shrink_to(std::size_t size) { all_.resize(size); }
  [[nodiscard]] bool has_added(std::string_view what, std::string_view name) const {
    return std::ranges::any_of(all_, [&](const Change& change) {
      return change.kind == Change::Kind::add && change.what == what && change.name == name;
    });
  }
  [[nodiscard]] std::vector<Change> take() { return std::exchange(all_, {}); }

  // Those in `known` that no entry names and that have to go for it.
  template <typename Known, typename Entry, typename Name>
  [[nodiscard]] std::vector<std::string> to_go(const std::map<std::string, Known>& known,
                                               const Given<std::vector<Entry>>& entries, Name name) const {
    std::vector<std::string> left;
    if (unnamed_ == Unnamed::stay || !entries) return left;
    std::set<std::string> named;
    for (const auto& entry : *entries) named.insert(std::invoke(name, entry));
    for (const auto& [one, value] : known) {
      if (!named.contains(one)) left.push_back(one);
    }
    return left;
  }

 private:
  Unnamed unnamed_;
  std::int64_t now_;
  std::vector<Change> all_;
};

}  // namespace bastion::admin
