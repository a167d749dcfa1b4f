#include "store/fleet/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace bastion::store::fleet {
namespace {

constexpr std::array<std::string_view, 6> kOfFiles{"passfile", "sslcert",     "sslkey",
                                                   "sslcrl",   "sslrootcert", "sslcrldir"};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Result<Options> options_in(const std::string& conninfo) {
  char* said = nullptr;
  Options options(PQconninfoParse(conninfo.c_str(), &said));
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(said, PQfreemem);
  if (options) return options;
  const std::string_view why = said != nullptr ? said : "there is no memory left";
  return fail("[fleet] has a database that libpq does not understand: {}", why.substr(0, why.find('\n')));
}

// Nothing where it is not set; libpq takes PGHOST and the like then.
std::string_view value_of(const Options& options, std::string_view keyword) {
  const auto* option = options.get();
  while (option->keyword != nullptr && option->keyword != keyword) ++option;
  return option->keyword == nullptr || option->val == nullptr ? std::string_view{} : option->val;
}

}  // namespace

Result<bool> names_a_unix_socket(const std::string& conninfo) {
  const auto options = options_in(conninfo);
  if (!options) return std::unexpected(options.error());
  if (!value_of(*options, "hostaddr").empty()) return false;
  auto hosts = value_of(*options, "host");
  while (true) {
    const auto host = hosts.substr(0, hosts.find(','));
    if (host.empty() || host.starts_with('/') || host.starts_with('@')) return true;
    if (host.size() == hosts.size()) return false;
    hosts.remove_prefix(host.size() + 1);
  }
}

Result<std::vector<std::filesystem::path>> files_of(const std::string& conninfo) {
  const auto options = options_in(conninfo);
  if (!options) return std::unexpected(options.error());
  std::vector<std::filesystem::path> files;
  for (const auto* option = options->get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::ranges::find(kOfFiles, option->keyword) == kOfFiles.end()) continue;
    if (std::string_view(option->val).starts_with('/')) files.emplace_back(option->val);
  }
  if (const auto* const file = std::getenv("PGPASSFILE"); file != nullptr) files.emplace_back(file);
  return files;
}

}  // namespace bastion::store::fleet
