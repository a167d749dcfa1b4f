// Whether two things that have one name are the same, and in what they differ. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/whole_directory.h"

namespace bastion::admin {

struct Difference {
  std::string what;  // a field of the document, or what else there is to know
  std::string here;
  std::string fleet;

  bool operator==(const Difference&) const = default;
};
using SameName = std::vector<Difference>;  // empty: they are one thing

// Every field that a document has counts, in whatever order its lists are. Which of an owner's containers is the
// default is a question of its own.
[[nodiscard]] SameName differences_of(const UserEntry& here, const UserEntry& fleet);
[[nodiscard]] SameName differences_of(const GroupEntry& here, const GroupEntry& fleet);
[[nodiscard]] SameName differences_of(const BackendEntry& here, const BackendEntry& fleet);
[[nodiscard]] SameName differences_of(const ContainerEntry& here, const ContainerEntry& fleet);
// Of one machine: two that are known by keys of which none is the same are two.
[[nodiscard]] SameName differences_of(const KnownHost& here, const KnownHost& fleet);
[[nodiscard]] SameName differences_of(const store::HostCa& here, const store::HostCa& fleet);
[[nodiscard]] SameName differences_of(const store::Ca& here, const store::Ca& fleet);
[[nodiscard]] SameName differences_of(const store::Ban& here, const store::Ban& fleet);

}  // namespace bastion::admin
