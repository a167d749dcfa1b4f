// What a change of the directory is told in.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/admin/manifest/manifest.h"

namespace bastion::admin {

// Collects what differs, as text, while it is put right.
class Differences {
 public:
  template <typename T, typename Shown>
  void set(std::string_view name, T& current, const Given<T>& wanted, Shown shown) {
    if (!wanted || *wanted == current) return;
    note(name, shown(current), shown(*wanted));
    current = *wanted;
  }
  void note(std::string_view name, std::string_view from, std::string_view to) {
    text_ += fmt::format("{}{} {} -> {}", text_.empty() ? "" : ", ", name, from, to);
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// How values are shown in it.
[[nodiscard]] std::string plain(const std::string& text);
[[nodiscard]] std::string record_text(const std::optional<RecordPolicy>& said);
[[nodiscard]] std::string yes_or_no(bool value);
[[nodiscard]] std::string limit(const Seconds& seconds);
[[nodiscard]] std::string cap(const std::optional<std::int64_t>& number);
[[nodiscard]] std::string timestamp(const Seconds& seconds);
[[nodiscard]] std::string count(const std::optional<std::int64_t>& number);
[[nodiscard]] std::string name_or_none(const std::optional<std::string>& name);
[[nodiscard]] std::string fingerprints_or_none(const std::vector<PublicKey>& keys);

}  // namespace bastion::admin
