// An ssh_config(5) on its way to `ssh -G`: what is left of it is what decides where a host is and how ssh gets there.
// Nothing in it can have anything executed, or name a file. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/import.h"

namespace bastion::admin {

struct SshConfigLines {
  std::string text;                   // Host, Match, HostName, User, Port, ProxyJump, ProxyCommand, Tag
  std::vector<std::string> hosts;     // the names that a Host line has, each once, in their order
  std::vector<std::string> commands;  // `ProxyCommand` in the text is followed by a place in here
  std::vector<Skipped> skipped;       // by line
};

// What Include names; the error says why that is not read.
using ReadIncluded = std::function<Result<std::vector<NamedText>>(const std::string& pattern)>;

// `file` is how errors call it; empty: it goes without saying. A condition that is a command (Match exec) is skipped
// with everything under it.
[[nodiscard]] SshConfigLines ssh_config_lines(std::string_view text, const std::string& file,
                                              const ReadIncluded& read_included);

}  // namespace bastion::admin
