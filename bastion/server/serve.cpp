#include "bastion/server/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/signals.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/preparation.h"
#include "bastion/server/service.h"
#include "bastion/setup/key_files.h"
#include "bastion/signer/signer_process.h"
#include "bastion/transport/library.h"

namespace bastion::server {
namespace {

// A session takes one descriptor; the default limit of 1024 would be the first thing to run out.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  std::ignore = ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int serve(const config::Config& config, const config::Source& source) {
  disarm_signals();
  auto preparation = prepare(config);
  if (!preparation) {
    log::error("{}", preparation.error().text);
    return 1;
  }
  std::optional<log::Output> output;
  try {
    output.emplace(config.log_level);
  } catch (const std::system_error& error) {
    log::error("cannot start a thread: {}", error.code().message());
    return 1;
  }
  raise_descriptor_limit();
  auto service = Service::start(config, source, *std::move(preparation));
  if (!service) {
    log::error("{}", service.error().text);
    return 1;
  }
  loop::catch_signals({SIGTERM, SIGINT});
  sd_notify(0, "READY=1");
  (*service)->run();
  log::info("stopping: sessions have {} s to end", (*service)->config().drain_timeout.count());
  sd_notify(0, "STOPPING=1");
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

int serve_signatures() {
  const transport::Library library;
  return signer::run([](const std::filesystem::path& state_dir, std::string_view algorithms) -> Result<signer::Keys> {
    if (auto made = setup::make_missing_ca(state_dir); !made) return std::unexpected(std::move(made.error()));
    auto files = setup::load_key_files(state_dir, algorithms);
    if (!files) return std::unexpected(std::move(files.error()));
    return signer::Keys{.host_keys = std::move(files->host_keys), .identity = std::move(files->identity)};
  });
}

}  // namespace bastion::server
