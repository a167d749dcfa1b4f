#include "bastion/oidc/messages.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/base/wire_format.h"

namespace bastion::oidc {
namespace {

constexpr std::size_t kMostFolders = 16;
constexpr std::uint32_t kADay = 86'400;  // seconds
constexpr std::uint8_t kShown = 1;
constexpr std::uint8_t kSignedOn = 2;
constexpr std::uint8_t kFailure = 3;

std::unexpected<Error> malformed() { return fail("a message about a sign-on is malformed"); }

// What an operating system's call takes ends at its first NUL.
bool is_text(std::string_view text) { return !text.contains('\0'); }

void put(WireWriter& out, const std::vector<std::string>& texts) {
  out.u32(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) out.string(std::string_view(text));
}

std::optional<std::vector<std::string>> texts_in(WireReader& in, std::size_t most) {
  std::vector<std::string> texts;
  const auto count = in.u32();
  if (count > most) return std::nullopt;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) texts.emplace_back(in.text());
  return texts;
}

Result<Progress> parse_shown(WireReader in) {
  Shown shown{.address = std::string(in.text()),
              .code = std::string(in.text()),
              .address_with_code = std::string(in.text()),
              .good_for = std::chrono::seconds(in.u32())};
  const auto can_be_shown = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  };
  const bool is_right = in.at_end() && can_be_shown(shown.address) && can_be_shown(shown.code) &&
                        can_be_shown(shown.address_with_code) && shown.good_for.count() <= kADay;
  if (!is_right) return malformed();
  return shown;
}

Result<Progress> parse_signed_on(WireReader in) {
  SignedOn person{.subject = std::string(in.text()), .name = std::string(in.text())};
  auto groups = texts_in(in, kMostGroups);
  if (!groups || !in.at_end()) return malformed();
  person.groups = *std::move(groups);
  return person;
}

}  // namespace

ByteVector encode(const Start& start) {
  WireWriter out;
  for (const auto* const text :
       {&start.provider.issuer, &start.provider.client_id, &start.provider.scopes, &start.provider.name_claim,
        &start.provider.groups_claim, &start.secret_file, &start.ca_file}) {
    out.string(std::string_view(*text));
  }
  put(out, start.not_even_read);
  return out.take();
}

Result<Start> parse_start(Bytes message) {
  WireReader in(message);
  Start start;
  for (auto* const text :
       {&start.provider.issuer, &start.provider.client_id, &start.provider.scopes, &start.provider.name_claim,
        &start.provider.groups_claim, &start.secret_file, &start.ca_file}) {
    *text = std::string(in.text());
    if (!is_text(*text)) return malformed();
  }
  auto folders = texts_in(in, kMostFolders);
  if (!folders || !in.at_end() || !std::ranges::all_of(*folders, is_text)) return malformed();
  start.not_even_read = *std::move(folders);
  return start;
}

ByteVector encode(const Started& started) {
  return WireWriter().string(std::string_view(started.error)).string(std::string_view(started.complaint)).take();
}

Result<Started> parse_started(Bytes message) {
  WireReader in(message);
  Started started{.error = std::string(in.text()), .complaint = std::string(in.text())};
  if (!in.at_end()) return malformed();
  return started;
}

ByteVector encode(const Progress& progress) {
  WireWriter out;
  std::visit(Match{[&](const Shown& shown) {
                     out.u8(kShown)
                         .string(std::string_view(shown.address))
                         .string(std::string_view(shown.code))
                         .string(std::string_view(shown.address_with_code))
                         .u32(static_cast<std::uint32_t>(shown.good_for.count()));
                   },
                   [&](const SignedOn& person) {
                     out.u8(kSignedOn).string(std::string_view(person.subject)).string(std::string_view(person.name));
                     put(out, person.groups);
                   },
                   [&](const Failure& failure) { out.u8(kFailure).string(std::string_view(failure.why)); }},
             progress);
  return out.take();
}

Result<Progress> parse_progress(Bytes message) {
  WireReader in(message);
  const auto kind = in.u8();
  if (!in.ok()) return malformed();
  if (kind == kShown) return parse_shown(in);
  if (kind == kSignedOn) return parse_signed_on(in);
  if (kind != kFailure) return malformed();
  Failure failure{.why = std::string(in.text())};
  if (!in.at_end()) return malformed();
  return failure;
}

}  // namespace bastion::oidc
