// What other tools know, as a document that apply() understands. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/admin/manifest/named_text.h"
#include "bastion/admin/manifest/ssh_answer.h"
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
  // By backend, all that runs there: names and addresses. Empty where the source does not say so.
  std::map<std::string, std::set<std::string>> listed = {};
  std::string project = {};  // whose instances those are; empty: of all projects
};

struct AuthorizedKeysTerms {
  std::optional<std::string> user = std::nullopt;    // whose they all are
  std::optional<std::string> passwd = std::nullopt;  // passwd(5): only who has an account there, from UID 1000
};
// Users with their keys: authorized_keys(5) files called after a user (`alice`, `alice.pub`, `alice.keys`) or standing
// in her folder (`alice/authorized_keys`, `alice/.ssh/authorized_keys`). A line that we cannot enforce is skipped, and
// a file without a key makes nobody a user.
[[nodiscard]] Imported import_authorized_keys(const std::vector<NamedText>& files,
                                              const AuthorizedKeysTerms& terms = {});

struct IncusTerms {
  // Where the instances run; without it, the cluster's own word (`location`) names the backend.
  std::optional<std::string> backend = std::nullopt;
  // Whose they are; without it, each belongs to the user it is called after.
  std::optional<std::string> owner = std::nullopt;
  std::optional<std::string> account = std::nullopt;
  // What the members of a cluster are called here, where that is something else.
  std::map<std::string, std::string> members = {};
  // Of several network cards with an address, the one that counts; without it, that of the profile, or eth0.
  std::optional<std::string> interface = std::nullopt;
  // Only what is in this project.
  std::optional<std::string> project = std::nullopt;
  bool has_all_projects = false;  // the list was asked for with --all-projects
};
// Instances with the address that their own network card has, or will have (a member that none of them runs on is an
// error), from `incus list --format json`, or that of
// lxc.
[[nodiscard]] Result<Imported> import_incus(std::string_view json, const IncusTerms& terms);

// A hop that the directory has already.
struct KnownHop {
  std::string name;
  std::string address;  // HOST:PORT, as Endpoint::text() has it
  std::string account;
  std::string via = {};  // the hop before it; empty: the first one
};

struct SshConfigTerms {
  // What the jump is called that we take the place of; one that nothing in the file leads through is an error.
  std::optional<std::string> bastion = std::nullopt;
  // It decides what a host is: as ask_ssh() of ssh_answer.h.
  std::function<SshAnswer(const SshQuestion& question)> ask_ssh;
  // The files that an Include names. The error says why they are not read.
  std::function<Result<std::vector<NamedText>>(const std::string& pattern)> read_included;
  // A jump that is one of these is that backend, whatever the file calls it.
  std::vector<KnownHop> known_hops = {};
};
// Backends and containers, from the ssh_config(5) of somebody who gets there with ProxyJump, or with a ProxyCommand
// that does the same: who is jumped through is a backend, who is at the end is a container of the user who is logged in
// as. Nothing that the file says is executed.
[[nodiscard]] Result<Imported> import_ssh_config(std::string_view text, const SshConfigTerms& terms);

struct SshpiperTerms {
  std::string backend;  // behind which everything is
  // The text of a file that the configuration names.
  std::function<Result<std::string>(const std::string& path)> read;
};
// Users with their keys, and for each the container she is piped to, from the configuration of sshpiper's yaml plugin
// (version 1.0: https://github.com/tg123/sshpiper, plugin/yaml). Who is piped to where somebody else is already, with
// the same login, shares that container. Of users whose only target is skipped the keys are kept. Everything else that
// stands there and has no meaning here is skipped by name.
[[nodiscard]] Result<Imported> import_sshpiper(std::string_view yaml, const SshpiperTerms& terms);

}  // namespace bastion::admin
