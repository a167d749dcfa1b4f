// What other tools know, as a document that apply() understands. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/admin/manifest/named_text.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// What could not be taken over, and why.
struct Skipped {
  std::string name;
  std::string why;
};

struct Imported {
  Manifest directory;
  std::vector<Skipped> skipped = {};
};

// Users with their keys: authorized_keys(5) files called after a user (`alice`, `alice.pub`, `alice.keys`) or standing
// in her folder (`alice/authorized_keys`, `home/alice/.ssh/authorized_keys`); with `user`, they all are hers. A line
// that we cannot enforce is skipped.
[[nodiscard]] Imported import_authorized_keys(const std::vector<NamedText>& files,
                                              const std::optional<std::string>& user = std::nullopt);

struct IncusTerms {
  // Where the instances run; without it, the cluster's own word (`location`) names the backend.
  std::optional<std::string> backend = std::nullopt;
  // Whose they are; without it, each belongs to the user it is called after.
  std::optional<std::string> owner = std::nullopt;
  std::optional<std::string> account = std::nullopt;
};
// Running instances with the address of their own network card, from `incus list --format json`, or that of lxc.
[[nodiscard]] Result<Imported> import_incus(std::string_view json, const IncusTerms& terms);

// Backends and containers, from the ssh_config(5) of somebody who gets there with ProxyJump: who is jumped through is a
// backend, who is at the end is a container of the user who is logged in as. `bastion` is the alias of the jump that we
// take the place of.
[[nodiscard]] Imported import_ssh_config(std::string_view text, const std::optional<std::string>& bastion);

struct SshpiperTerms {
  std::string backend;  // behind which everything is
  // The text of a file that the configuration names.
  std::function<Result<std::string>(const std::string& path)> read;
};
// Users with their keys, and for each the container she is piped to, from the configuration of sshpiper's yaml plugin
// (version 1.0: https://github.com/tg123/sshpiper, plugin/yaml). Who is piped to where somebody else is already, with
// the same login, shares that container. Users and keys are kept where only their target is skipped. Everything else
// that stands there and has no meaning here is skipped by name.
[[nodiscard]] Result<Imported> import_sshpiper(std::string_view yaml, const SshpiperTerms& terms);

}  // namespace bastion::admin
