// Who does something about themselves, and what their session may hand on: a key that is limited makes nobody freer,
// neither its user nor somebody else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/identity.h"
#include "bastion/admin/grammar/command.h"
#include "store/containers.h"
#include "store/users.h"

namespace bastion::admin {

struct Own {
  access::Identity who;  // as they are admitted by now
  store::User account{};
  // What stands before the key they came with; nothing: they came with several, and different things do.
  std::optional<std::string> options = std::string{};
  std::optional<std::int64_t> until = std::nullopt;  // when such a key expires: Unix seconds
  bool is_limited = false;                           // what they came with may less than the account, whatever it was
  bool ends_by_itself = false;                       // it is no key of theirs that is enrolled: one would outlive it
};

// Call inside of the change that it is for.
[[nodiscard]] Result<Own> own_of(Context& context);

// For what counts for the whole account, whatever one comes with. The error is the sentence for them.
[[nodiscard]] Result<> must_be_unlimited(const Own& own, std::string_view what);

// A container of theirs: `web`, or `alice/web`. Of others it is not said whether they exist.
[[nodiscard]] Result<store::Container> own_container(Context& context, const Own& own, std::string_view name);

// Their sessions but for this one, by id: whoever had what was replaced may have stolen it.
[[nodiscard]] std::vector<std::string> other_sessions(const Context& context, const Own& own);

}  // namespace bastion::admin
