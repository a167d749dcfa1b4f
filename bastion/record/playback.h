// A recording as somebody looks at it: part by part, and how long to wait before the next one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bastion/base/result.h"
#include "bastion/record/harmless.h"
#include "bastion/record/library.h"

namespace bastion::record {

class Playback {
 public:
  enum class As : std::uint8_t {
    shown,  // at a terminal, in its time
    text,   // what was shown as lines, at once
    cast,   // the file itself
  };
  struct Options {
    As as = As::shown;
    double speed = 1;
    std::chrono::microseconds idle_limit{0};  // no pause is longer; 0: as long as they were
  };
  struct Part {
    std::string text;
    std::chrono::milliseconds pause{0};  // before the next one
    bool is_last = false;
  };
  // At most this much of it, and an event.
  static constexpr std::size_t kPart = std::size_t{64} * 1024;

  Playback(Reader reader, const Options& options);

  // Not after the last one.
  [[nodiscard]] Result<Part> next();

 private:
  [[nodiscard]] Result<Part> next_of_cast();
  [[nodiscard]] Result<bool> read_event();
  void show(const Event& event, std::string& out);
  [[nodiscard]] std::chrono::microseconds pause_before(const Event& event);

  Reader reader_;
  Options options_;
  Harmless harmless_;
  bool has_begun_ = false;
  std::optional<Event> event_;       // that is due next
  std::chrono::microseconds at_{0};  // of the one before it
};

}  // namespace bastion::record
