#include "bastion/server/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/config/config.h"
#include "bastion/config/file.h"
#include "bastion/loop/signals.h"
#include "bastion/server/generation_process.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/instance_lock.h"
#include "bastion/server/preparation.h"
#include "bastion/server/service.h"
#include "bastion/server/service_manager.h"
#include "bastion/server/settings.h"
#include "bastion/server/supervisor.h"
#include "bastion/server/supervisor_channel.h"
#include "bastion/setup/key_files.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/signer_process.h"
#include "bastion/transport/library.h"
#include "store/database.h"

namespace bastion::server {
namespace {

// A session takes one descriptor; the default limit of 1024 would be the first thing to run out.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  std::ignore = ::setrlimit(RLIMIT_NOFILE, &limit);
}

int refuse(const Error& error) {
  log::error("{}", error.text);
  return 1;
}

Result<> open_log(std::optional<log::Output>& output, const config::Config& config) {
  try {
    output.emplace(config.log_level, config.log);
    return {};
  } catch (const std::system_error& error) {
    return fail("cannot start a thread: {}", error.code().message());
  }
}

// Until it is told to stop, or nobody is left for whom it stays. The error is why it does not serve at all, and is for
// the supervisor to tell.
Result<int> serve_as_told(const config::Source& source) {
  auto beginning = SupervisorChannel::receive_beginning();
  if (!beginning) return refuse(beginning.error());
  const auto config = config::load(source);
  if (!config) return std::unexpected(config.error());
  if (config->state_dir != beginning->state_dir) {
    return fail("state_dir was {} and is {} now, which counts after a restart", beginning->state_dir,
                config->state_dir.string());
  }
  auto preparation = prepare(*config);
  if (!preparation) return std::unexpected(preparation.error());
  std::optional<log::Output> output;
  if (auto opened = open_log(output, *config); !opened) return std::unexpected(opened.error());
  complain_of_texts(*config);
  raise_descriptor_limit();
  auto service = Service::start(*config, source, *std::move(preparation), *std::move(beginning));
  if (!service) return std::unexpected(service.error());
  loop::catch_signals({SIGTERM, SIGINT});
  (*service)->tell_ready();
  (*service)->run();
  log::info("stopping: sessions have {} s to end", (*service)->config().drain_timeout.count());
  const int status = (*service)->has_failed() ? 1 : 0;
  if (const auto going_on = (*service)->stop(); !going_on.empty()) {
    log::warning("stopped without waiting any longer for {}", fmt::join(going_on, ", "));
    output.reset();
    // A thread cannot be taken out of a system call, and uses what would be destroyed below it. The database is as it
    // would be after a kill, which it is made for: what has not been committed has not happened.
    std::_Exit(status);
  }
  service->reset();
  log::info("stopped");
  return status;
}

}  // namespace

int serve(const config::Config& config, const config::Source& source, std::string_view called) {
  disarm_signals();
  if (auto there = store::Database::must_be_there(config.database()); !there) return refuse(there.error());
  auto sockets = ServiceManager::take_sockets();
  if (!sockets) return refuse(sockets.error());
  auto lock = lock_instance(config::StateDir(config.state_dir));
  if (!lock) return refuse(lock.error());
  Supervisor::Settings settings{.source = source,
                                .state_dir = config.state_dir,
                                .program = path_of_program(called),
                                .activated = *std::move(sockets)};
  signer::keep_memory_private();
  std::optional<log::Output> output;
  if (auto opened = open_log(output, config); !opened) return refuse(opened.error());
  loop::catch_signals({SIGTERM, SIGINT, SIGCHLD});
  std::optional<Supervisor> supervisor;
  supervisor.emplace(std::move(settings), *std::move(lock));
  const int status = supervisor->run();
  const auto ended_by = supervisor->ended_by();
  supervisor.reset();
  output.reset();
  if (ended_by) {
    std::signal(*ended_by, SIG_DFL);
    std::raise(*ended_by);
  }
  return status;
}

int serve_generation(const config::Source& source) {
  disarm_signals();
  signer::keep_memory_private();
  const auto served = contained("a process that serves", [&] { return serve_as_told(source); });
  if (served) return *served;
  SupervisorChannel::tell(Report::failed, served.error().text);
  return 1;
}

int serve_signatures() {
  const transport::Library library;
  return signer::run([](const signer::Start& start) -> Result<signer::Keys> {
    if (auto made = setup::make_missing_ca(start.state_dir); !made) return std::unexpected(std::move(made.error()));
    auto files = setup::load_key_files(start.state_dir, start.host_key_algorithms, setup::agent_named(start.key_agent));
    if (!files) return std::unexpected(std::move(files.error()));
    return signer::Keys{.host_keys = std::move(files->host_keys), .identity = std::move(files->identity)};
  });
}

}  // namespace bastion::server
