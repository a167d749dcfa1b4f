#include "bastion/access/file_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace bastion::access {
namespace {

using connection::SessionStart;
using Words = std::vector<std::string>;

// What stands before a command and runs it. Behind one of these any word may be the command: `sudo -u www scp -t x`.
constexpr auto kRunners = std::to_array<std::string_view>(
    {"exec",  "command", "env",     "sudo",   "doas",  "su",   "runuser", "nice", "ionice",
     "nohup", "time",    "timeout", "setsid", "sh",    "bash", "dash",    "zsh",  "ksh",
     "then",  "else",    "do",      "if",     "while", "{",    "!",       "eval"});
// The options of scp that have a value.
constexpr std::string_view kScpValues = "DFJMPSXcilo";

// The simple commands of a line, as words without quotes.
std::vector<Words> commands_in(std::string_view line) {
  std::vector<Words> commands(1);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) commands.back().push_back(std::exchange(word, {}));
  };
  for (const char c : line) {
    if (std::string_view(";&|()`\n").contains(c)) {
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

bool is_runner(std::string_view word) { return std::ranges::find(kRunners, program_of(word)) != kRunners.end(); }

bool is_before_program(std::string_view word) { return is_runner(word) || word.starts_with('-') || word.contains('='); }

// As getopt(3) of scp reads them: the last word of an option's letters may be its value, and they end at the first word
// that is none.
FileTransfer of_scp(std::span<const std::string> words) {
  bool sends = false;
  bool receives = false;
  for (std::size_t i = 0; i < words.size() && words[i].size() > 1 && words[i][0] == '-' && words[i] != "--"; ++i) {
    const auto letters = std::string_view(words[i]).substr(1);
    const auto value = std::min(letters.find_first_of(kScpValues), letters.size());
    sends |= letters.substr(0, value).contains('f');
    receives |= letters.substr(0, value).contains('t');
    if (value + 1 == letters.size()) ++i;
  }
  if (sends && receives) return FileTransfer::both;
  return sends ? FileTransfer::read : receives ? FileTransfer::write : FileTransfer::none;
}

// What the sending side changes.
bool changes_its_side(std::string_view option) {
  return option.starts_with("--remove-s") || option.starts_with("--log-file") || option.starts_with("--write-batch");
}

FileTransfer of_rsync(std::span<const std::string> words) {
  const auto has = [&](std::string_view option) { return std::ranges::find(words, option) != words.end(); };
  if (has("--daemon")) return FileTransfer::both;
  if (!has("--server")) return FileTransfer::none;
  if (!has("--sender")) return FileTransfer::write;
  return std::ranges::any_of(words, changes_its_side) ? FileTransfer::both : FileTransfer::read;
}

// Of a program and its arguments.
FileTransfer of_program(std::span<const std::string> words) {
  const auto program = program_of(words.front());
  if (program == "sftp-server" || program == "internal-sftp") return FileTransfer::sftp;
  if (program == "scp") return of_scp(words.subspan(1));
  return program == "rsync" ? of_rsync(words.subspan(1)) : FileTransfer::none;
}

FileTransfer of_command(std::span<const std::string> words) {
  const auto first = std::ranges::find_if_not(words, is_before_program);
  const bool is_run = std::any_of(words.begin(), first, is_runner);
  for (auto at = first; at != words.end(); ++at) {
    if (const auto found = of_program({at, words.end()}); found != FileTransfer::none || !is_run) return found;
  }
  return FileTransfer::none;
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
    case FileTransfer::both:
      if (!access.is_all()) return disabled("a copy that may change files of both sides is");
      break;
  }
  return std::nullopt;
}

}  // namespace bastion::access
