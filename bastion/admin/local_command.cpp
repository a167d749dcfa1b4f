#include "bastion/admin/local_command.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <utility>

#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/local_endpoint.h"
#include "bastion/admin/local_files.h"
#include "bastion/admin/local_key.h"
#include "bastion/admin/local_top.h"
#include "bastion/admin/other_nodes.h"
#include "bastion/admin/watch.h"
#include "bastion/base/clock.h"
#include "bastion/base/local_user.h"
#include "bastion/base/standard_output.h"
#include "bastion/config/state_dir.h"
#include "bastion/fleet/directory.h"
#include "bastion/transport/keys.h"
#include "store/database.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

Outcome refused_here(const Error& error) { return {Status::refused, {}, "bastion: " + error.text + "\n"}; }

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

Result<PublicIdentity> read_identity(const config::StateDir& state) {
  const auto key = transport::KeyPair::load_either_half(state.identity());
  if (!key) return std::unexpected(key.error());
  const auto ca = transport::KeyPair::load_either_half(state.ca());
  PublicIdentity identity{.keys = {key->public_key()}, .ca = ca ? ca->public_key() : PublicKey{}, .next_ca = {}};
  if (std::error_code error; std::filesystem::exists(state.next_ca(), error)) {
    const auto next = transport::KeyPair::load_either_half(state.next_ca());
    if (!next) return std::unexpected(next.error());
    identity.next_ca = next->public_key();
  }
  if (std::error_code error; std::filesystem::exists(state.old_identity(), error)) {
    const auto old = transport::KeyPair::load_either_half(state.old_identity());
    if (!old) return std::unexpected(old.error());
    if (old->public_key() != key->public_key()) identity.keys.push_back(old->public_key());
  }
  return identity;
}

Outcome run_in_database(const config::Config& config, const CommandExecutor::Job& job) {
  auto database = fleet::open(fleet::directory_of(config), store::Database::Access::change);
  if (!database) return refused_here(database.error());
  Context context{
      .database = *database,
      .actor = "local",
      .from_host = describe_local_user(::getuid()),
      .role = store::Role::admin,
      .now = unix_now(),
      .read_input = [&] { return job.input.text(); },
      .read_key = read_local_key,
      .read_file = read_local_file,
      .read_folder = read_local_folder,
      .path = local_path,
      .identity = [&] { return read_identity(config::StateDir(config.state_dir)); },
      .sealing_key = [&] { return SealingKey::load_or_make(config::StateDir(config.state_dir).sealing_key()); },
      .fleet = fleet::place_of(fleet::directory_of(config)),
      .wait_for_others = waiting_for_others(fleet::place_of(fleet::directory_of(config))),
      .key_command = config.authorized_keys_command,
      .recordings = config::StateDir(config.state_dir).recording_folder(),
      .format = format_here(),
      .after = job.after,
      .streaming = job.streaming,
      .again = job.again,
      .can_be_asked = job.can_be_asked};
  return run(job.words, context);
}

// Whoever serves has the sessions and the hops, but not the files of this process.
Result<> read_keys(CommandExecutor::Job& job) {
  for (const auto& argument : keys_in(job.words)) {
    if (argument == kStandardInput) continue;
    auto text = read_local_key(argument);
    if (!text) return std::unexpected(text.error());
    job.keys.emplace(argument, *std::move(text));
  }
  return {};
}

Outcome run_once(const config::Config& config, CommandExecutor::Job& job) {
  if (!asks_nothing(query_for(job.words))) {
    if (const auto read = read_keys(job); !read) return refused_here(read.error());
    auto reply = ask_local_endpoint(config::StateDir(config.state_dir), job, format_here());
    if (auto* outcome = std::get_if<Outcome>(&reply)) return std::move(*outcome);
    if (const auto* cannot = std::get_if<CannotAsk>(&reply)) {
      return refused_here({fmt::format("the bastion that serves from {} cannot be asked, and nothing was done: {}",
                                       config.state_dir.string(), cannot->why.text)});
    }
  }
  return run_in_database(config, job);
}

// False as soon as nobody reads standard output any more.
bool wait_for_next(std::chrono::milliseconds pause) {
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&output, 1, static_cast<int>(pause.count())) == 0;
}

// Until Ctrl-C.
int run_again_and_again(const config::Config& config, CommandExecutor::Job job, bool in_place) {
  for (;;) {
    const auto outcome = run_once(config, job);
    if (in_place) std::ignore = write_out("\x1b[H\x1b[2J");
    const int status = print(outcome);
    if (status != 0 || !wait_for_next(Watch::kEvery)) return status;
    job.after = outcome.next;
    job.again = true;
  }
}

// To its end, or until nobody reads it any more.
int run_part_by_part(const config::Config& config, CommandExecutor::Job job) {
  for (;;) {
    const auto outcome = run_once(config, job);
    const int status = print(outcome);
    if (status != 0 || !outcome.streaming || !wait_for_next(outcome.streaming->pause)) return status;
    job.streaming = outcome.streaming;
    job.again = true;
  }
}

bool says_yes_to(const std::string& question) {
  int typed_before = 0;
  if (::ioctl(STDIN_FILENO, FIONREAD, &typed_before) == 0 && typed_before > 0) write_err(kTypedBefore);
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  write_err(question);
  std::string reply;
  std::getline(std::cin, reply);
  if (is_yes(reply)) return true;
  write_err(kNothingChanged);
  return false;
}

}  // namespace

OutputFormat format_here() {
  if (!is_terminal(STDOUT_FILENO)) return {};
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  const auto* const type = std::getenv("TERM");
  const auto* const no_colour = std::getenv("NO_COLOR");
  const bool wanted = no_colour == nullptr || *no_colour == '\0';
  return {.columns = known ? size.ws_col : std::size_t{0},
          .coloured = wanted && type != nullptr && knows_colours(type)};
}

int print(const Outcome& outcome) {
  const auto written = write_out(outcome.out);
  write_err(outcome.err);
  if (written) return static_cast<int>(outcome.status);
  write_err("bastion: " + written.error().text + "\n");
  return static_cast<int>(Status::refused);
}

int run_here(const config::Config& config, Words words) {
  CommandExecutor::Job job{.words = std::move(words)};
  const bool in_place = is_watched(job.words) && is_terminal(STDOUT_FILENO);
  if (is_screen(job.words) && is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO)) {
    return run_top_here([config](CommandExecutor::Job asked) { return run_once(config, asked); });
  }
  if (in_place || is_followed(job.words)) return run_again_and_again(config, std::move(job), in_place);
  if (is_streamed(job.words)) return run_part_by_part(config, std::move(job));
  const auto input = reads_input(job.words);
  if (input) job.input = read_standard_input(*input);
  job.can_be_asked = !input && is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
  auto outcome = run_once(config, job);
  const int status = print(outcome);
  if (outcome.question.empty() || !std::exchange(job.can_be_asked, false)) return status;
  if (says_yes_to(outcome.question)) {
    job.words.emplace_back(kYesOption);
    return print(run_once(config, job));
  }
  // A no is a refusal, and is written down as one.
  return static_cast<int>(run_once(config, job).status);
}

}  // namespace bastion::admin
