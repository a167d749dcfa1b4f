#include "bastion/auth/tried.h"

#include <algorithm>

#include "bastion/auth/methods.h"

namespace bastion::auth {
namespace {

// A name may be as long as a packet; what is longer than this is nobody's.
constexpr std::size_t kMostOfText = 256;

}  // namespace

void Tried::Different::note(std::string_view sent) {
  const auto text = sent.substr(0, kMostOfText);
  if (std::ranges::find(kept, text) != kept.end()) return;
  if (kept.size() < kMost) {
    kept.emplace_back(text);
  } else {
    ++more;
  }
}

void Tried::note(const Try& denied) {
  if (denied.method != kNone) {
    ++attempts_;
    method_ = denied.method.substr(0, kMostOfText);
  }
  users_.note(denied.user);
  if (!denied.fingerprint.empty()) fingerprints_.note(denied.fingerprint);
}

}  // namespace bastion::auth
