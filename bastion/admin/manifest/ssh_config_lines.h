// An ssh_config(5) on its way to `ssh -G`: what is left of it is what decides where a host is and how ssh gets there,
// written anew in words of which every version of ssh has the same notion. No command is among them, no file and no
// condition that is a command. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/import.h"

namespace bastion::admin {

struct SshConfigLines {
  std::string text;                   // Host, Match, HostName, User, Port, ProxyJump, ProxyCommand, Tag
  std::vector<std::string> places;    // of its lines in what was read: `line 3`, `conf.d/gates line 7`
  std::vector<std::string> hosts;     // the names that a Host line has, each once, in their order
  std::vector<std::string> commands;  // `ProxyCommand` in the text is followed by a place in here, or by a marker
  // Why a value was left out, by what stands in its place: whoever has that is not the host that the file describes.
  std::map<std::string, std::string> left_out;
  std::map<std::string, std::string> left_out_ports;  // numbers that are nobody's port
  std::vector<Skipped> skipped;                       // by line
};

struct SshConfigReading {
  bool knows_tags = true;  // ssh here: older ones than 9.4 refuse a file with Tag in it
  // What Include names; the error says why that is not read.
  std::function<Result<std::vector<NamedText>>(const std::string& pattern)> read_included;
};

// A condition that is a command (Match exec), or that asks who is at the keyboard, is skipped with everything under it.
// The error says that it is too much.
[[nodiscard]] Result<SshConfigLines> ssh_config_lines(std::string_view text, const SshConfigReading& reading);

}  // namespace bastion::admin
