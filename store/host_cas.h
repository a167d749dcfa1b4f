// CAs that are trusted to say which host key is whose, and the names that their certificates have to be for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/host_keys.h"
#include "store/statement.h"

namespace bastion::store {

struct HostCa {
  ByteVector blob;
  std::string hosts;  // a pattern-list of names (base/wildcards.h), in small letters
  std::string comment;
  std::int64_t added_at = 0;
};

[[nodiscard]] bool is_trusted_for(const HostCa& ca, std::string_view name);

// What a machine may show in the place of a host key that is on record.
struct HostTrust {
  std::string name;             // a certificate has to be for it; empty: there is none for this machine
  std::vector<ByteVector> cas;  // by one of these
};

class HostCas {
 public:
  explicit HostCas(Database& database);

  // The oldest first.
  [[nodiscard]] Result<std::vector<HostCa>> all();
  // One that is there already gets the new hosts and comment.
  [[nodiscard]] Result<> put(const HostCa& ca);
  // False when there is none. Which machines were known by it stays: nobody is to be believed there unseen.
  [[nodiscard]] Result<bool> remove(Bytes blob);

  [[nodiscard]] Result<HostTrust> trust_of(const HostKeyOwner& owner);

  // The name that was given to a machine, for everybody who is in it; empty: none.
  [[nodiscard]] Result<std::string> alias_of(const HostKeyOwner& owner);
  [[nodiscard]] Result<> set_alias(const HostKeyOwner& owner, std::string_view name);
  // False when there was none.
  [[nodiscard]] Result<bool> remove_alias(const HostKeyOwner& owner);

  // With what a machine was known last.
  struct Certified {
    std::string machine{};  // as sentences name it; not of what is noted
    ByteVector key;         // of the host
    ByteVector ca;
    std::string key_id{};
    std::optional<std::int64_t> valid_before{};  // nothing: for ever
    std::int64_t seen_at = 0;
  };
  // That this key was refused before is over, too.
  [[nodiscard]] Result<> note(const HostKeyOwner& owner, const Certified& certified);
  [[nodiscard]] Result<std::optional<Certified>> certified(const HostKeyOwner& owner);
  [[nodiscard]] Result<std::vector<Certified>> all_certified();

 private:
  Statement all_;
  Statement put_;
  Statement remove_;
  Statement name_of_;
  Statement alias_of_;
  Statement remove_alias_;
  Statement set_alias_;
  Statement note_;
  Statement no_longer_refused_;
  Statement certified_;
  Statement all_certified_;
};

}  // namespace bastion::store
