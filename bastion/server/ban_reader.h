// Reads the bans again when an administrator has changed them, beside the loop. What is read last is what was written
// last, whatever order the changes are told in.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"
#include "store/bans.h"

namespace bastion::server {

class BanReader {
 public:
  using OnRead = std::function<void(const std::vector<store::Ban>& bans)>;

  static constexpr std::chrono::seconds kTryAgain{1};

  // `loop` and `questions`, which read them, outlive it.
  BanReader(loop::Loop& loop, loop::Executor& questions, std::filesystem::path database, OnRead on_read);
  BanReader(const BanReader&) = delete;
  BanReader& operator=(const BanReader&) = delete;

  // Reads them soon, and again when this is asked for while they are read. What cannot be read is tried again.
  void ask();

 private:
  void end(const Result<std::vector<store::Ban>>& read);

  loop::Loop& loop_;
  loop::Executor& questions_;
  std::filesystem::path database_;
  OnRead on_read_;
  bool asked_again_ = false;
  bool has_failed_ = false;  // which is in the log
  loop::Timer try_again_;
  std::optional<loop::Work> reading_;
};

}  // namespace bastion::server
