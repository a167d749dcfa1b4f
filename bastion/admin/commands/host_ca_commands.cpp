#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/host_key.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/base/endpoint.h"
#include "bastion/transport/keys.h"
#include "store/host_cas.h"

namespace bastion::admin {
namespace {

using store::HostCa;

// All of them are looked at for each login.
constexpr std::size_t kMostCas = 100;
constexpr const char* kEverybody = "*";

Result<HostCa> find_ca(store::HostCas& host_cas, std::string_view fingerprint) {
  const auto all = host_cas.all();
  if (!all) return std::unexpected(all.error());
  const auto found =
      std::ranges::find_if(*all, [&](const HostCa& ca) { return is_fingerprint_of(fingerprint, ca.blob); });
  if (found == all->end()) return fail("no CA {} is trusted: `host-ca list` shows them", fingerprint);
  return *found;
}

// How many machines are known by a certificate of it.
Result<std::ptrdiff_t> count_known(store::HostCas& host_cas, Bytes ca) {
  const auto certified = host_cas.all_certified();
  if (!certified) return std::unexpected(certified.error());
  return std::ranges::count_if(*certified, [&](const auto& one) { return std::ranges::equal(one.ca, ca); });
}

}  // namespace

Result<Answer> host_ca_add(Context& context, const Arguments& arguments) {
  const auto& given = arguments.keys("KEY").front();
  if (!given.options.empty()) {
    return fail("give the key alone, and what stands before it as --hosts: \"{}\"", given.options);
  }
  const auto& key = given.named.key;
  store::HostCas host_cas(context.database);
  const auto all = host_cas.all();
  if (!all) return std::unexpected(all.error());
  if (all->size() >= kMostCas) return fail("there are {} CAs, which is all there may be", all->size());
  const auto hosts = canonical_host(arguments.optional("--hosts").value_or(kEverybody));
  auto put = host_cas.put({.blob = key.blob, .hosts = hosts, .comment = given.named.comment, .added_at = context.now});
  if (!put) return std::unexpected(std::move(put.error()));
  const auto fingerprint = transport::fingerprint(key.blob);
  return Answer{Sentence{fmt::format("CA {} is trusted for the host keys of {}", fingerprint, hosts)},
                fmt::format("{} {}", fingerprint, hosts)};
}

Result<Answer> host_ca_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::HostCas(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"fingerprint", "type", "hosts", "comment", "added"},
              {},
              "no CA is trusted for host keys",
              {"fingerprint", "hosts"}};
  for (const auto& ca : *all) {
    const auto key = transport::public_key_from_blob(ca.blob);
    table.rows.push_back({transport::fingerprint(ca.blob), key ? key->type : std::string("?"), ca.hosts, ca.comment,
                          timestamp_cell(ca.added_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> host_ca_remove(Context& context, const Arguments& arguments) {
  store::HostCas host_cas(context.database);
  const auto ca = find_ca(host_cas, arguments.text("FINGERPRINT"));
  if (!ca) return std::unexpected(ca.error());
  const auto known = count_known(host_cas, ca->blob);
  if (!known) return std::unexpected(known.error());
  if (auto removed = host_cas.remove(ca->blob); !removed) return std::unexpected(std::move(removed.error()));
  const auto fingerprint = transport::fingerprint(ca->blob);
  return Answer{Sentence{fmt::format("CA {} is trusted no longer; {} {} known by a certificate of it", fingerprint,
                                     *known, *known == 1 ? "host was" : "hosts were")},
                fingerprint};
}

Result<Answer> host_key_alias(Context& context, const Arguments& arguments) {
  const auto host = find_host(context, arguments.text("HOST"));
  if (!host) return std::unexpected(host.error());
  store::HostCas host_cas(context.database);
  const auto given = arguments.optional("NAME");
  std::string sentence;
  if (given) {
    const auto name = canonical_host(*given);
    if (auto set = host_cas.set_alias(host->owner, name); !set) return std::unexpected(std::move(set.error()));
    sentence = fmt::format("a certificate of {} has to be for {}", host->machine, name);
  } else {
    const auto removed = host_cas.remove_alias(host->owner);
    if (!removed) return std::unexpected(removed.error());
    if (!*removed) return fail("{} has no host key alias", host->machine);
    sentence = fmt::format("{} has no host key alias any more", host->machine);
  }
  Answer answer{Sentence{std::move(sentence)}, given ? fmt::format("{} {}", host->name, *given) : host->name};
  answer.note = host->note;
  return answer;
}

}  // namespace bastion::admin
