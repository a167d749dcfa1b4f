// The lines that were entered before, the newest last, and where in them somebody looks: so many lines, and so many
// bytes. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::admin {

class LineHistory {
 public:
  // The newest line; unless it is the same as the one before it, or blank. The oldest ones go.
  void add(const std::string& line);
  // Nobody looks any more: the next older() is the newest line.
  void leave();

  // The line before the one that is looked at, and the one behind it. `current` is what is being typed: it comes back
  // behind the newest.
  [[nodiscard]] std::optional<std::string> older(const std::string& current);
  [[nodiscard]] std::optional<std::string> newer();

  // The newest line older than number `before` with this text in it, which is looked at from now on: its number.
  // size() is older than nothing.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view text, std::size_t before);
  [[nodiscard]] const std::string& line(std::size_t number) const { return lines_[number]; }
  [[nodiscard]] std::size_t size() const { return lines_.size(); }

 private:
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;  // of all of them
  std::size_t at_ = 0;     // lines_.size(): at none of them
  std::string draft_;      // what was being typed before
};

}  // namespace bastion::admin
