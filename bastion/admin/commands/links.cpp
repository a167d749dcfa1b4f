#include "bastion/admin/commands/links.h"

#include <fmt/format.h>

#include <algorithm>

#include "bastion/admin/manifest/timestamp.h"
#include "bastion/transport/keys.h"
#include "store/links.h"

namespace bastion::admin {
namespace {

Cell last_cell(const std::vector<store::Link>& links) {
  std::optional<std::int64_t> last;
  for (const auto& link : links) last = std::max(last, std::optional(link.ended_at.value_or(link.began_at)));
  return timestamp_cell(last);
}

}  // namespace

Result<> check_reverse(const Arguments& arguments) {
  if (!arguments.given("--reverse")) {
    if (arguments.given("--key")) return fail("--key is of a backend that dials in: write --reverse too");
    if (!arguments.given("HOST")) return fail("say where its sshd is, HOST[:PORT], or --reverse where it dials in");
    return {};
  }
  if (!arguments.given("--key")) return fail("--reverse needs the key that its machine logs in here with: --key KEY");
  if (arguments.given("--direct")) return fail("--reverse and --direct are mutually exclusive: the hop is its link");
  return {};
}

Result<> set_link_key(Context& context, const Arguments& arguments, std::int64_t backend) {
  if (!arguments.given("--key")) return {};
  const auto& key = arguments.keys("--key").front();
  if (!key.options.empty()) return fail("options have no place before the key of a backend: \"{}\"", key.options);
  return store::Links(context.database).set_key(backend, key.named.key.blob);
}

Result<std::vector<Field>> shown_links(Context& context, std::int64_t backend) {
  store::Links store(context.database);
  const auto key = store.key_of(backend);
  if (!key) return std::unexpected(key.error());
  const auto links = store.of(backend);
  if (!links) return std::unexpected(links.error());
  Table there{{"from", "since"}, {}, "it has not dialled in here"};
  for (const auto& link : *links) {
    if (!link.ended_at) there.rows.push_back({link.from_host, timestamp_cell(link.began_at)});
  }
  return std::vector<Field>{
      {"key", Cell(transport::fingerprint(*key))}, {"last_link", last_cell(*links)}, {"links", std::move(there)}};
}

std::string link_key_of(const Arguments& arguments) {
  if (!arguments.given("--key")) return {};
  return " --key " + transport::fingerprint(arguments.keys("--key").front().named.key.blob);
}

}  // namespace bastion::admin
