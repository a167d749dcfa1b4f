#include "bastion/access/file_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "bastion/access/shell_line.h"

namespace bastion::access {
namespace {

using connection::SessionStart;
using Words = std::vector<std::string>;

// What stands before a command and runs it.
constexpr auto kRunners = std::to_array<std::string_view>(
    {"exec",  "command", "env",     "sudo",   "doas",  "su",   "runuser", "nice", "ionice",
     "nohup", "time",    "timeout", "setsid", "sh",    "bash", "dash",    "zsh",  "ksh",
     "then",  "else",    "do",      "if",     "while", "{",    "!",       "eval"});
// The options of scp that have a value.
constexpr std::string_view kScpValues = "DFJMPSXcilo";
// How often a line may be a word of another one: `sudo su -c "sh -c '...'"`.
constexpr int kDeepest = 4;
// How many words that may be values are passed for a program behind them: nobody writes as many.
constexpr int kMostValues = 16;

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

FileTransfer of_line(std::string_view line, int depth);

// A word behind what runs it: it may be a line for a shell (`sh -c "exec scp -t x"`).
FileTransfer of_script(std::string_view word, int depth) {
  return word.find_first_of(" \t\n;&|()`\"'\\") == std::string_view::npos ? FileTransfer::none
                                                                          : of_line(word, depth + 1);
}

// It is the value of an option before it, or how long it may take, or who is to run it, rather than a program:
// `sudo -u www`, `timeout 10`, `su www`.
bool may_be_value(std::string_view word, std::string_view before) {
  const auto runner = program_of(before);
  return before.starts_with('-') || std::string_view("0123456789").contains(word.front()) || runner == "su" ||
         runner == "runuser";
}

FileTransfer of_command(const Words& words, int depth) {
  bool is_run = false;
  int values = 0;
  for (auto at = words.begin(); at != words.end(); ++at) {
    if (const auto found = is_run ? of_script(*at, depth) : FileTransfer::none; found != FileTransfer::none)
      return found;
    is_run |= is_runner(*at);
    if (is_before_program(*at)) continue;
    const auto found = of_program({at, words.end()});
    if (found != FileTransfer::none || !is_run || !may_be_value(*at, *std::prev(at))) return found;
    if (++values > kMostValues) return FileTransfer::none;
  }
  return FileTransfer::none;
}

FileTransfer of_line(std::string_view line, int depth) {
  if (depth > kDeepest) return FileTransfer::none;
  const auto parsed = parse_shell_line(line);
  for (const auto& words : parsed.commands) {
    if (const auto found = of_command(words, depth); found != FileTransfer::none) return found;
  }
  for (const auto& part : parsed.substituting) {
    if (const auto found = of_line(part, depth + 1); found != FileTransfer::none) return found;
  }
  return FileTransfer::none;
}

}  // namespace

FileTransfer file_transfer_of(std::string_view command) { return of_line(command, 0); }

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
