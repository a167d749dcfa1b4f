#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/host_key.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/transport/keys.h"
#include "store/host_cas.h"
#include "store/host_keys.h"

namespace bastion::admin {
namespace {

using store::HostCas;
using store::HostKey;
using store::HostKeyOwner;
using store::HostKeys;

std::string type_of(Bytes blob) {
  const auto key = transport::public_key_from_blob(blob);
  return key ? key->type : std::string("?");
}

std::vector<Cell> row_of(const std::string& machine, Bytes blob, std::string_view state, std::int64_t since) {
  return {machine, type_of(blob), transport::fingerprint(blob), state, timestamp_cell(since), nullptr};
}

std::vector<Cell> row_of(const HostKeys::Known& one) {
  return row_of(one.machine, one.key.blob, text_of(one.key.origin), one.key.first_seen_at);
}

std::vector<Cell> row_of(const HostKeys::Refused& one) {
  return row_of(one.machine, one.key.blob, "refused", one.key.seen_at);
}

// A CA that is not trusted any more vouches for nobody, but what it has vouched for is not learned.
std::vector<Cell> row_of(const HostCas::Certified& one, bool is_trusted) {
  auto row = row_of(one.machine, one.key, is_trusted ? "certified" : "certified before", one.seen_at);
  row.back() = transport::fingerprint(one.ca);
  return row;
}

// Of one machine, or of all.
struct Everything {
  std::vector<HostKeys::Known> known;
  std::vector<HostKeys::Refused> refused;
  std::vector<HostCas::Certified> certified{};
};

Result<Everything> everything(Context& context) {
  HostKeys host_keys(context.database);
  auto known = host_keys.all();
  if (!known) return std::unexpected(std::move(known.error()));
  auto refused = host_keys.all_refused();
  if (!refused) return std::unexpected(std::move(refused.error()));
  auto certified = HostCas(context.database).all_certified();
  if (!certified) return std::unexpected(std::move(certified.error()));
  return Everything{*std::move(known), *std::move(refused), *std::move(certified)};
}

Result<Everything> everything_of(Context& context, const Host& host) {
  HostKeys host_keys(context.database);
  auto known = host_keys.of(host.owner);
  if (!known) return std::unexpected(std::move(known.error()));
  auto refused = host_keys.refused(host.owner);
  if (!refused) return std::unexpected(std::move(refused.error()));
  auto certified = HostCas(context.database).certified(host.owner);
  if (!certified) return std::unexpected(std::move(certified.error()));
  Everything all;
  if (*certified) {
    all.certified.push_back(**std::move(certified));
    all.certified.back().machine = host.machine;
  }
  for (auto& key : *known) all.known.push_back({host.machine, std::move(key)});
  if (*refused) all.refused.push_back({host.machine, **std::move(refused)});
  return all;
}

std::optional<ByteVector> blob_of(const Everything& all, std::string_view fingerprint) {
  for (const auto& one : all.refused) {
    if (is_fingerprint_of(fingerprint, one.key.blob)) return one.key.blob;
  }
  for (const auto& one : all.known) {
    if (is_fingerprint_of(fingerprint, one.key.blob)) return one.key.blob;
  }
  return std::nullopt;
}

std::string subject_with(const Host& host, Bytes blob) {
  return fmt::format("{} {}", host.name, transport::fingerprint(blob));
}

Answer answered(const Host& host, std::string sentence, std::string subject) {
  Answer answer{Sentence{std::move(sentence)}, std::move(subject)};
  answer.note = host.note;
  return answer;
}

}  // namespace

Result<Answer> host_key_list(Context& context, const Arguments& arguments) {
  Table table{{"host", "type", "fingerprint", "state", "since", "ca"},
              {},
              "no host key is known",
              {"host", "fingerprint", "state"}};
  std::string note;
  auto all = Result<Everything>();
  if (const auto word = arguments.optional("HOST")) {
    const auto host = find_host(context, *word);
    if (!host) return std::unexpected(host.error());
    all = everything_of(context, *host);
    note = host->note;
  } else {
    all = everything(context);
  }
  if (!all) return std::unexpected(all.error());
  const auto cas = HostCas(context.database).all();
  if (!cas) return std::unexpected(cas.error());
  std::map<std::string, std::vector<std::vector<Cell>>> by_machine;
  for (const auto& one : all->known) by_machine[one.machine].push_back(row_of(one));
  for (const auto& one : all->certified) {
    const bool is_trusted = std::ranges::find(*cas, one.ca, &store::HostCa::blob) != cas->end();
    by_machine[one.machine].push_back(row_of(one, is_trusted));
  }
  for (const auto& one : all->refused) by_machine[one.machine].push_back(row_of(one));
  for (auto& [machine, rows] : by_machine) std::ranges::move(rows, std::back_inserter(table.rows));
  Answer answer{std::move(table)};
  answer.note = std::move(note);
  return answer;
}

Result<Answer> host_key_accept(Context& context, const Arguments& arguments) {
  const auto host = find_host(context, arguments.text("HOST"));
  if (!host) return std::unexpected(host.error());
  HostKeys host_keys(context.database);
  const auto refused = host_keys.refused(host->owner);
  if (!refused) return std::unexpected(refused.error());
  if (!*refused) return fail("no host key of {} was refused: there is nothing to accept", host->machine);
  const auto& blob = (*refused)->blob;
  if (!is_fingerprint_of(arguments.text("FINGERPRINT"), blob)) {
    return fail(
        "this is not the host key that {} presented last: compare `host-key list {}` with what the machine says",
        host->machine, host->name);
  }
  if (auto pinned = host_keys.pin(host->owner, blob, context.now); !pinned) return std::unexpected(pinned.error());
  return answered(*host,
                  fmt::format("the host key of {} is {} from now on, in place of what was known", host->machine,
                              transport::fingerprint(blob)),
                  subject_with(*host, blob));
}

Result<Answer> host_key_forget(Context& context, const Arguments& arguments) {
  const auto host = find_host(context, arguments.text("HOST"));
  if (!host) return std::unexpected(host.error());
  const auto fingerprint = arguments.optional("FINGERPRINT");
  if (!fingerprint) return forget_host_key(context, host->owner, host->machine, host->name);
  HostKeys host_keys(context.database);
  const auto all = everything_of(context, *host);
  if (!all) return std::unexpected(all.error());
  const auto blob = blob_of(*all, *fingerprint);
  if (!blob)
    return fail("{} has no host key {}: `host-key list {}` shows them", host->machine, *fingerprint, host->name);
  if (auto forgotten = host_keys.forget(host->owner, *blob); !forgotten) return std::unexpected(forgotten.error());
  const auto left = host_keys.of(host->owner);
  if (!left) return std::unexpected(left.error());
  return answered(*host,
                  fmt::format("host key {} of {} is forgotten{}", transport::fingerprint(*blob), host->machine,
                              left->empty() ? "; the next one it presents is remembered" : ""),
                  subject_with(*host, *blob));
}

Result<Answer> host_key_pin(Context& context, const Arguments& arguments) {
  const auto host = find_host(context, arguments.text("HOST"));
  if (!host) return std::unexpected(host.error());
  const auto& given = arguments.keys("KEY").front();
  if (!given.options.empty()) return fail("options have no place before a host key: \"{}\"", given.options);
  const auto& blob = given.named.key.blob;
  if (auto pinned = HostKeys(context.database).pin_too(host->owner, blob, context.now); !pinned) {
    return std::unexpected(pinned.error());
  }
  return answered(*host, fmt::format("host key {} is pinned for {}", transport::fingerprint(blob), host->machine),
                  subject_with(*host, blob));
}

}  // namespace bastion::admin
