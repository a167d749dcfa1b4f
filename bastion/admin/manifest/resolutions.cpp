#include "bastion/admin/manifest/resolutions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "bastion/base/name.h"
#include "bastion/base/user_name.h"

namespace bastion::admin {
namespace {

struct Kind {
  std::string_view name;
  bool can_be_renamed;
  bool can_keep_both;
};
constexpr std::array kKinds{Kind{"user", true, true},      Kind{"group", true, false},
                            Kind{"backend", true, false},  Kind{"container", true, false},
                            Kind{"default", false, false}, Kind{"host-ca", false, false},
                            Kind{"ca", false, false},      Kind{"ban", false, false}};

Result<const Kind*> kind_of(std::string_view what) {
  const auto colon = what.find(':');
  const auto* const kind = std::ranges::find(kKinds, what.substr(0, colon), &Kind::name);
  if (colon == std::string_view::npos || colon + 1 == what.size() || kind == kKinds.end()) {
    return fail(
        "\"{}\" names nothing: write user:NAME, group:NAME, backend:NAME, container:OWNER/NAME, default:OWNER, "
        "host-ca:FINGERPRINT, ca:FINGERPRINT or ban:NETWORK",
        what);
  }
  return kind;
}

std::optional<Kept> kept_of(std::string_view text) {
  for (const auto kept : {Kept::mine, Kept::fleet, Kept::both}) {
    if (text == text_of(kept)) return kept;
  }
  return std::nullopt;
}

}  // namespace

std::string_view text_of(Kept kept) {
  switch (kept) {
    case Kept::mine: return "mine";
    case Kept::fleet: return "fleet";
    case Kept::both: break;
  }
  return "both";
}

Result<Resolutions> parse_resolutions(const std::vector<std::string>& renames,
                                      const std::vector<std::pair<std::string, std::string>>& keeps) {
  Resolutions resolutions;
  for (const auto& rename : renames) {
    const auto sign = rename.find('=');
    const auto what = rename.substr(0, sign);
    const auto kind = kind_of(what);
    if (!kind) return std::unexpected(kind.error());
    if (!(*kind)->can_be_renamed) return fail("--rename {}: a {} cannot be renamed", rename, (*kind)->name);
    if (sign == std::string::npos) return fail("--rename {}: write {}=NEW", rename, what);
    const auto name = rename.substr(sign + 1);
    const bool is_of_user = (*kind)->name == "user";
    if (is_of_user ? !is_user_name(name) : !is_name(name)) {
      return fail("--rename {}: \"{}\" cannot be a name: a name is {}", rename, name,
                  is_of_user ? kUserNameRule : kNameRule);
    }
    if (!resolutions.renamed.emplace(what, name).second) return fail("--rename names {} twice", what);
  }
  for (const auto& [side, what] : keeps) {
    const auto kind = kind_of(what);
    if (!kind) return std::unexpected(kind.error());
    const auto kept = kept_of(side);
    if (!kept) return fail("--keep {} {}: it is fleet, mine or both", side, what);
    if (*kept == Kept::both && !(*kind)->can_keep_both) {
      return fail("--keep both {}: only a user's keys can be those of both sides", what);
    }
    if (!resolutions.kept.emplace(what, *kept).second) return fail("--keep names {} twice", what);
  }
  return resolutions;
}

std::string as_typed(const Resolutions& resolutions) {
  std::string text;
  for (const auto& [what, name] : resolutions.renamed) text += fmt::format(" --rename {}={}", what, name);
  for (const auto& [what, kept] : resolutions.kept) text += fmt::format(" --keep {} {}", text_of(kept), what);
  return text;
}

}  // namespace bastion::admin
