// The two rows above the lists of `top`: who is asked and how many are there, and what they carry. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "bastion/admin/grammar/overview.h"
#include "bastion/admin/top_look.h"

namespace bastion::admin {

// Of the sessions so many are shown. As wide as the screen.
[[nodiscard]] std::string heading_of(const Overview& overview, std::size_t shown_sessions, std::size_t columns,
                                     Glyphs glyphs);

// Bytes a second, the latest last.
struct Throughput {
  std::deque<double> from_users;
  std::deque<double> from_containers;

  // So much of it is kept, a number for each overview.
  static constexpr std::size_t kHistory = 200;

  void add(const Overview& overview);
};
// Both as a number, the most of what is drawn, and a line of it. No wider than the screen.
[[nodiscard]] std::string row_of(const Throughput& throughput, std::size_t columns, Glyphs glyphs);

}  // namespace bastion::admin
