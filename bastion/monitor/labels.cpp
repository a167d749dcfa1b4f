#include "bastion/monitor/labels.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "bastion/auth/methods.h"
#include "bastion/base/match.h"
#include "bastion/metrics/counters.h"

namespace bastion::monitor {
namespace {

constexpr std::array<std::string_view, 5> kPhaseLabels{"handshake", "authentication", "route", "hops",
                                                       "container_login"};
constexpr auto kReasonCount = static_cast<std::size_t>(Reason::internal) + 1;
static_assert(kReasonCount <= metrics::kReasons && kPhaseLabels.size() <= metrics::kPhases);

std::vector<std::string_view> all_method_labels() {
  std::vector<std::string_view> labels{auth::kNone};
  for (const auto& method : auth::methods()) {
    if (method.is_offered) labels.push_back(method.name);
  }
  labels.emplace_back("other");
  if (labels.size() > metrics::kMethods) std::abort();  // make room there
  return labels;
}

}  // namespace

std::span<const std::string_view> method_labels() {
  static const auto labels = all_method_labels();
  return labels;
}

// One that is not offered is another name of the last one before it that is.
std::size_t place_of_method(std::string_view sent) {
  const auto labels = method_labels();
  if (sent.empty() || sent == auth::kNone) return 0;
  std::string_view offered;
  for (const auto& method : auth::methods()) {
    if (method.is_offered) offered = method.name;
    if (method.name == sent) return static_cast<std::size_t>(std::ranges::find(labels, offered) - labels.begin());
  }
  return labels.size() - 1;
}

std::size_t place_of_method(const access::Credential& credential) {
  return std::visit(Match{[](const access::KeyCredential&) { return place_of_method(auth::kPublickey); },
                          [](const access::CertificateCredential&) { return place_of_method(auth::kPublickey); },
                          [](const access::PasswordCredential&) { return place_of_method(auth::kPassword); },
                          [](const access::CodeCredential&) { return place_of_method(auth::kKeyboardInteractive); },
                          [](const access::SignOnCredential&) { return place_of_method(auth::kKeyboardInteractive); }},
                    credential);
}

std::size_t reasons() { return kReasonCount; }

std::span<const std::string_view> phase_labels() { return kPhaseLabels; }

}  // namespace bastion::monitor
