#include "bastion/access/printed_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "bastion/access/authorized_key.h"
#include "bastion/access/policy_options.h"
#include "bastion/base/result.h"
#include "bastion/base/trimmed.h"
#include "bastion/transport/keys.h"

namespace bastion::access {
namespace {

Result<PrintedKey> printed_key_in(std::string_view line) {
  const auto [options, key] = split_authorized_key(line);
  if (auto parsed = parse_key_options(options); !parsed) return std::unexpected(std::move(parsed.error()));
  auto named = transport::parse_public_key(key);
  if (!named) return std::unexpected(std::move(named.error()));
  if (auto why = transport::objection(named->key)) return std::unexpected(*std::move(why));
  return PrintedKey{
      .key = named->key, .fingerprint = transport::fingerprint(named->key.blob), .options = std::string(options)};
}

}  // namespace

const PrintedKey* PrintedKeys::find(const PublicKey& key) const {
  const auto found = std::ranges::find(keys, key.blob, [](const PrintedKey& one) { return one.key.blob; });
  return found == keys.end() ? nullptr : &*found;
}

PrintedKeys parse_printed_keys(std::string_view text) {
  PrintedKeys printed;
  const auto leave_out = [&printed](std::string why) {
    if (printed.left_out++ == 0) printed.why = std::move(why);
  };
  std::size_t lines = 0;
  for (const auto part : text | std::views::split('\n')) {
    const auto line = trimmed(std::string_view(part.begin(), part.end()));
    if (line.empty() || line.front() == '#') continue;
    if (++lines > kMostPrintedLines) {
      leave_out(fmt::format("there are more than {} lines", kMostPrintedLines));
      break;
    }
    auto key = printed_key_in(line);
    if (!key) {
      leave_out(fmt::format("line {}: {}", lines, key.error().text));
    } else if (printed.find(key->key) == nullptr) {
      printed.keys.push_back(*std::move(key));
    }
  }
  return printed;
}

}  // namespace bastion::access
