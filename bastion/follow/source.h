// What says where the containers of a backend are: the daemon that runs them, which the bastion asks there. A value, as
// an administrator gives it and as the store keeps it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::follow {

struct Source {
  enum class Program : std::uint8_t { incus, lxd };

  static constexpr std::chrono::seconds kShortest{10};
  static constexpr std::chrono::seconds kLongest{86'400};

  Program program = Program::incus;
  std::chrono::seconds every{60};
  std::optional<std::string> project = std::nullopt;    // nothing: what the account is asked for by default
  std::optional<std::string> interface = std::nullopt;  // of several network cards, the one that counts
  // The members of a cluster, and the backends that they are here. Without one, all that is listed is behind the
  // backend that is asked; with one, what runs elsewhere is not followed.
  std::map<std::string, std::string> members = {};

  bool operator==(const Source&) const = default;
};

[[nodiscard]] std::string_view text_of(Source::Program program);
// `incus every=60 project=P interface=eth0 map=Node1=be1 map=Node2=be2`, and back. None of the words has a space in it.
[[nodiscard]] std::string text_of(const Source& source);
[[nodiscard]] Result<Source> parse_source(std::string_view text);

// What may stand in it: a word that a shell reads, one that names a member of a cluster, one that names a card.
[[nodiscard]] bool is_project(std::string_view text);
[[nodiscard]] bool is_member(std::string_view text);
[[nodiscard]] bool is_interface(std::string_view text);

}  // namespace bastion::follow
