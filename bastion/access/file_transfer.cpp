#include "bastion/access/file_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>
#include <vector>

namespace bastion::access {
namespace {

using connection::SessionStart;
using Words = std::vector<std::string>;

// What stands before a command and runs it.
constexpr std::array<std::string_view, 8> kRunners{"exec", "command", "env", "sudo", "doas", "nice", "ionice", "nohup"};
// The options of scp that a client gives to the other end.
constexpr std::string_view kScpOptions = "rpdvqtf";

// The simple commands of a line, as words without quotes.
std::vector<Words> commands_in(std::string_view line) {
  std::vector<Words> commands(1);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) commands.back().push_back(std::exchange(word, {}));
  };
  for (const char c : line) {
    if (std::string_view(";&|()\n").contains(c)) {
      end_word();
      if (!commands.back().empty()) commands.emplace_back();
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (!std::string_view("'\"\\").contains(c)) {
      word += c;
    }
  }
  end_word();
  return commands;
}

std::string_view program_of(std::string_view word) {
  const auto slash = word.rfind('/');
  return slash == std::string_view::npos ? word : word.substr(slash + 1);
}

bool is_before_program(std::string_view word) {
  return std::ranges::find(kRunners, program_of(word)) != kRunners.end() || word.starts_with('-') || word.contains('=');
}

FileTransfer of_scp(const Words& words, std::size_t at) {
  for (const auto& word : std::views::drop(words, static_cast<std::ptrdiff_t>(at))) {
    const std::string_view letters = std::string_view(word).substr(1);
    const bool is_option =
        word.starts_with('-') && !letters.empty() && letters.find_first_not_of(kScpOptions) == std::string_view::npos;
    if (!is_option) return FileTransfer::none;
    if (letters.contains('t')) return FileTransfer::write;
    if (letters.contains('f')) return FileTransfer::read;
  }
  return FileTransfer::none;
}

FileTransfer of_rsync(const Words& words) {
  const auto has = [&](std::string_view option) { return std::ranges::find(words, option) != words.end(); };
  if (!has("--server")) return FileTransfer::none;
  return has("--sender") ? FileTransfer::read : FileTransfer::write;
}

FileTransfer of_command(const Words& words) {
  const auto first = std::ranges::find_if_not(words, is_before_program);
  if (first == words.end()) return FileTransfer::none;
  const auto program = program_of(*first);
  if (program == "sftp-server" || program == "internal-sftp") return FileTransfer::sftp;
  if (program == "scp") return of_scp(words, static_cast<std::size_t>(first - words.begin()) + 1);
  return program == "rsync" ? of_rsync(words) : FileTransfer::none;
}

}  // namespace

FileTransfer file_transfer_of(std::string_view command) {
  for (const auto& words : commands_in(command)) {
    if (const auto found = of_command(words); found != FileTransfer::none) return found;
  }
  return FileTransfer::none;
}

FileTransfer file_transfer_of(const SessionStart& start) {
  if (start.kind == SessionStart::Kind::subsystem) {
    return start.words == "sftp" ? FileTransfer::sftp : file_transfer_of(start.words);
  }
  return start.kind == SessionStart::Kind::command ? file_transfer_of(start.words) : FileTransfer::none;
}

std::optional<std::string> objection(const SftpAccess& access, FileTransfer transfer) {
  const auto disabled = [&](std::string_view what) {
    return fmt::format("{} disabled for you (sftp={})", what, text_of(access));
  };
  switch (transfer) {
    case FileTransfer::none: break;
    case FileTransfer::sftp:
      if (access.is_none()) return disabled("file transfer is");
      break;
    case FileTransfer::read:
      if (!access.read) return disabled("copying files out of the container is");
      break;
    case FileTransfer::write:
      if (!access.write) return disabled("copying files into the container is");
      break;
  }
  return std::nullopt;
}

}  // namespace bastion::access
