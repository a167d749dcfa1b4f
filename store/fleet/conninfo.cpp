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

}  // namespace

Result<std::vector<std::filesystem::path>> files_of(const std::string& conninfo) {
  char* said = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(conninfo.c_str(), &said),
                                                                             PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(said, PQfreemem);
  if (!options) {
    const std::string_view why = said != nullptr ? said : "there is no memory left";
    return fail("[fleet] has a database that libpq does not understand: {}", why.substr(0, why.find('\n')));
  }
  std::vector<std::filesystem::path> files;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::ranges::find(kOfFiles, option->keyword) == kOfFiles.end()) continue;
    if (std::string_view(option->val).starts_with('/')) files.emplace_back(option->val);
  }
  if (const auto* const file = std::getenv("PGPASSFILE"); file != nullptr) files.emplace_back(file);
  return files;
}

}  // namespace bastion::store::fleet
