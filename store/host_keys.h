// The host keys of the machines the bastion logs in to. One key for each: learned on first contact, or pinned. Two
// containers that are two accounts in one machine (backend, address and port are the same) have one key together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

// Whose key it is: a value.
class HostKeyOwner {
 public:
  [[nodiscard]] static HostKeyOwner of_backend(std::int64_t id) { return {id, std::nullopt}; }
  [[nodiscard]] static HostKeyOwner of_container(std::int64_t id) { return {std::nullopt, id}; }

  [[nodiscard]] std::optional<std::int64_t> backend() const { return backend_; }
  [[nodiscard]] std::optional<std::int64_t> container() const { return container_; }

  bool operator==(const HostKeyOwner&) const = default;

 private:
  HostKeyOwner(std::optional<std::int64_t> backend, std::optional<std::int64_t> container)
      : backend_(backend), container_(container) {}

  std::optional<std::int64_t> backend_;
  std::optional<std::int64_t> container_;
};

struct HostKey {
  enum class Origin : std::uint8_t { learned, pinned };

  ByteVector blob;  // RFC 4253 section 6.6
  Origin origin = Origin::learned;
  std::int64_t first_seen_at = 0;
  bool is_new = false;  // what learn() has just recorded
};

[[nodiscard]] std::string_view text_of(HostKey::Origin origin);

class HostKeys {
 public:
  explicit HostKeys(Database& database);

  [[nodiscard]] Result<std::optional<HostKey>> find(const HostKeyOwner& owner);
  // Records `presented` if the owner has no key yet, and returns the key that is on record then. The error says when
  // the owner itself is gone.
  [[nodiscard]] Result<HostKey> learn(const HostKeyOwner& owner, Bytes presented, std::int64_t now);
  // Which other machines of its kind have the very key that this one has: one is a copy of the other. As sentences name
  // them: `backend be1`, `container alice/web`.
  [[nodiscard]] Result<std::vector<std::string>> copies_of(const HostKeyOwner& owner);
  // Every key that several machines have.
  struct Shared {
    ByteVector blob;
    std::string machines;  // as above, with commas between them
  };
  [[nodiscard]] Result<std::vector<Shared>> shared();
  // As commands name the owner; empty when it is gone.
  [[nodiscard]] Result<std::string> name_of(const HostKeyOwner& owner);
  // For whoever else is in that machine too. False when none was known.
  [[nodiscard]] Result<bool> forget(const HostKeyOwner& owner);
  // Only one that was learned: a pinned one stays.
  [[nodiscard]] Result<bool> forget_learned(const HostKeyOwner& owner);
  // Replaces whatever was known.
  [[nodiscard]] Result<> pin(const HostKeyOwner& owner, Bytes blob, std::int64_t now);

 private:
  Statement find_;
  Statement learn_;
  Statement copies_of_;
  Statement shared_;
  Statement name_of_;
  Statement forget_;
  Statement forget_learned_;
  Statement pin_;
};

}  // namespace bastion::store
