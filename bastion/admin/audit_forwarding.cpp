#include "bastion/admin/audit_forwarding.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "bastion/admin/audit_cursor.h"
#include "bastion/admin/commands/audit_table.h"
#include "bastion/base/child_process.h"
#include "bastion/base/standard_output.h"
#include "store/audit.h"
#include "store/database.h"

namespace bastion::admin {
namespace {

using std::chrono::milliseconds;

void say_of_forwarding(std::string_view text) { write_err(fmt::format("bastion: {}\n", text)); }

// The signals that end it. They wait until it looks.
class EndingSignals {
 public:
  EndingSignals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~EndingSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;

  // Whether one has come, before or within that time.
  [[nodiscard]] bool come_within(milliseconds time) const {
    const timespec most{.tv_sec = static_cast<time_t>(time.count() / 1000),
                        .tv_nsec = static_cast<long>(time.count() % 1000) * 1'000'000};
    return ::sigtimedwait(&set_, nullptr, &most) > 0;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

class AuditForwarder {
 public:
  AuditForwarder(store::Database& database, const AuditForwarding& how)
      : how_(how), cursor_(how.cursor), chain_(database) {}

  // Where it goes on.
  Result<> begin() {
    const auto place = cursor_.read();
    if (!place) return std::unexpected(place.error());
    if (place->id > 0) {
      if (auto known = chain_.must_be_known(*place); !known) {
        return fail("{}, and it was the last one that was forwarded: without {} everything that is there is, again",
                    known.error().text, cursor_.file().string());
      }
    }
    place_ = *place;
    return {};
  }

  // Gives away some rows. Whether there may be more at once.
  Result<bool> step() {
    auto rows = chain_.after(place_.id, AuditForwarding::kRowsAtOnce);
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (rows->empty()) return false;
    const auto found = rows->size();
    const auto lines = take_some(*rows);
    if (auto given = give(lines); !given) return std::unexpected(std::move(given.error()));
    const store::ChainHead place{.id = rows->back().entry.id, .link = rows->back().link};
    if (auto written = cursor_.write(place); !written) return std::unexpected(std::move(written.error()));
    place_ = place;
    return found == std::size_t{AuditForwarding::kRowsAtOnce} || rows->size() < found;
  }

 private:
  // As many as go at once; the others go.
  static std::string take_some(std::vector<store::LinkedEntry>& rows) {
    std::string lines;
    std::size_t count = 0;
    while (count < rows.size() && lines.size() < AuditForwarding::kBytesAtOnce) {
      lines += audit_lines({rows[count]});
      ++count;
    }
    rows.resize(count);
    return lines;
  }

  Result<> give(const std::string& lines) const {
    const auto outcome = run_child({.arguments = how_.program,
                                    .input = lines,
                                    .longest = AuditForwarding::kLongestPrinted,
                                    .within = AuditForwarding::kWithin});
    if (!outcome) return std::unexpected(outcome.error());
    write_err(outcome->out);
    write_err(outcome->err);
    if (!outcome->status) return fail("{} was ended by a signal", how_.program.front());
    if (*outcome->status != 0) return fail("{} has ended with status {}", how_.program.front(), *outcome->status);
    return {};
  }

  const AuditForwarding& how_;
  AuditCursor cursor_;
  store::AuditChain chain_;
  store::ChainHead place_;
};

int forward_from(AuditForwarder& forwarder, const AuditForwarding& how, const EndingSignals& signals) {
  auto pause = AuditForwarding::kEvery;
  for (;;) {
    const auto more = forwarder.step();
    if (!more) {
      say_of_forwarding(fmt::format("rows of the audit were not taken: {}", more.error().text));
      if (how.once) return 1;
    } else if (!*more && how.once) {
      return 0;
    }
    if (more) pause = AuditForwarding::kEvery;
    if (signals.come_within(more && *more ? milliseconds{0} : pause)) return 0;
    if (!more) pause = std::min(2 * pause, AuditForwarding::kLongestPause);
  }
}

}  // namespace

int forward_audit(const config::Config& config, const AuditForwarding& forwarding) {
  const EndingSignals signals;
  auto database = store::Database::open(config.database(), store::Database::Access::read);
  if (!database) {
    say_of_forwarding(database.error().text);
    return 1;
  }
  AuditForwarder forwarder(*database, forwarding);
  if (const auto begun = forwarder.begin(); !begun) {
    say_of_forwarding(begun.error().text);
    return 1;
  }
  return forward_from(forwarder, forwarding, signals);
}

}  // namespace bastion::admin
