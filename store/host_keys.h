// The host keys of the machines the bastion logs in to: each learned on first contact, or pinned. A machine may have
// several, and any of them will do. Two containers that are two accounts in one machine (backend, address and port are
// the same) have theirs together.
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

// What a machine has presented that is none of its keys: it opens nothing.
struct RefusedHostKey {
  ByteVector blob;
  std::int64_t seen_at = 0;
};

[[nodiscard]] std::string_view text_of(HostKey::Origin origin);

class HostKeys {
 public:
  explicit HostKeys(Database& database);

  // All that count, the pinned ones first; empty: none is known yet.
  [[nodiscard]] Result<std::vector<HostKey>> of(const HostKeyOwner& owner);
  // Records `presented` if the owner has no key yet, and returns those that are on record then, as of() does. The error
  // says when the owner itself is gone.
  [[nodiscard]] Result<std::vector<HostKey>> learn(const HostKeyOwner& owner, Bytes presented, std::int64_t now);
  // Which other machines of its kind have a key that this one has too: one is a copy of the other. As sentences name
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
  // All of them, that there was a certificate, and what was refused, for whoever else is in that machine too. False
  // when none was known.
  [[nodiscard]] Result<bool> forget(const HostKeyOwner& owner);
  // One of them, or what was refused. False when it is neither.
  [[nodiscard]] Result<bool> forget(const HostKeyOwner& owner, Bytes blob);
  // Those that were learned, and what was refused: pinned ones stay.
  [[nodiscard]] Result<bool> forget_learned(const HostKeyOwner& owner);
  // Replaces whatever was known.
  [[nodiscard]] Result<> pin(const HostKeyOwner& owner, Bytes blob, std::int64_t now);
  // Beside whatever is known. One that was learned is pinned from then on.
  [[nodiscard]] Result<> pin_too(const HostKeyOwner& owner, Bytes blob, std::int64_t now);

  // Beside whatever is known, as another database has it.
  [[nodiscard]] Result<> bring(const HostKeyOwner& owner, const HostKey& key);

  // Remembers the last one that was presented, unless it is known by now.
  [[nodiscard]] Result<> refuse(const HostKeyOwner& owner, Bytes presented, std::int64_t now);
  [[nodiscard]] Result<std::optional<RefusedHostKey>> refused(const HostKeyOwner& owner);

  // Of every machine, by its name: of several accounts in one, the first.
  struct Known {
    std::string machine;  // as sentences name it
    HostKey key;
  };
  struct Refused {
    std::string machine;
    RefusedHostKey key;
    std::vector<ByteVector> expected = {};  // blobs of those that count
  };
  [[nodiscard]] Result<std::vector<Known>> all();
  [[nodiscard]] Result<std::vector<Refused>> all_refused();

 private:
  Statement of_;
  Statement learn_;
  Statement copies_of_;
  Statement shared_;
  Statement name_of_;
  Statement forget_;
  Statement forget_one_;
  Statement forget_learned_;
  Statement make_pinned_;
  Statement pin_;
  Statement bring_;
  Statement refuse_;
  Statement refused_;
  Statement forget_certified_;
  Statement forget_refused_;
  Statement forget_refused_one_;
  Statement all_;
  Statement all_refused_;
};

}  // namespace bastion::store
