#include "store/fleet/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>
#include <vector>

#include "store/busy.h"

namespace bastion::store::fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMoment{200};

// What libpq says has its newline, and often a second line with details for whoever wrote the statement.
std::string first_line(const char* text) {
  const std::string_view all(text);
  return std::string(all.substr(0, all.find('\n')));
}

// The one that was tried last.
std::string server_of(const PGconn& connection) {
  const auto* const host = PQhost(&connection);
  const auto* const port = PQport(&connection);
  return fmt::format("{} (port {})", host == nullptr || *host == '\0' ? "the server" : host,
                     port == nullptr ? "-" : port);
}

}  // namespace

std::string_view text_in(const PGresult& row, int index, int column) {
  return {PQgetvalue(&row, index, column), static_cast<std::size_t>(PQgetlength(&row, index, column))};
}

void Connection::begin(std::chrono::milliseconds patience) {
  until_ = Clock::now() + patience;
  has_sent_ = false;
}

bool Connection::wait_a_moment() {
  ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds(kMoment).count()));
  return !hurries() && Clock::now() < until_;
}

Result<Answer> Connection::ask(const char* sql, std::span<const std::string_view> values) {
  if (auto there = connect(); !there) return std::unexpected(there.error());
  std::vector<const char*> starts;
  std::vector<int> lengths;
  for (const auto value : values) {
    starts.push_back(value.data());
    lengths.push_back(static_cast<int>(value.size()));
  }
  const std::vector<int> formats(values.size(), 1);
  if (PQsendQueryParams(wire_.get(), sql, static_cast<int>(values.size()), nullptr, starts.data(), lengths.data(),
                        formats.data(), 1) == 0) {
    return lost();
  }
  has_sent_ = true;
  Answer answer;
  while (true) {
    for (int sent = 1; sent != 0 || PQisBusy(wire_.get()) != 0;) {
      sent = PQflush(wire_.get());
      if (sent < 0) return lost();
      if (sent == 0 && PQisBusy(wire_.get()) == 0) break;
      if (!wait(POLLIN | (sent > 0 ? POLLOUT : 0))) return lost();
      if (PQconsumeInput(wire_.get()) == 0) return lost();
    }
    Answer next(PQgetResult(wire_.get()));
    if (!next) break;
    answer = std::move(next);
  }
  if (!answer || PQstatus(wire_.get()) != CONNECTION_OK) return lost();
  return answer;
}

Result<Answer> Connection::do_or_fail(const char* sql, std::span<const std::string_view> values) {
  const bool was_idle = wire_ != nullptr;
  auto answer = ask(sql, values);
  if (!answer && was_idle) answer = ask(sql, values);
  if (!answer) return answer;
  const auto status = PQresultStatus(answer->get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return answer;
  return refused(**answer);
}

Result<bool> Connection::listens(const char* channel) {
  if (wire_ && PQstatus(wire_.get()) == CONNECTION_OK && listens_) return true;
  listens_ = false;
  const auto answer = do_or_fail(fmt::format("LISTEN {}", channel).c_str(), {});
  if (!answer) return std::unexpected(answer.error());
  listens_ = true;
  return false;
}

Result<bool> Connection::hear(std::chrono::milliseconds most, int interrupted) {
  std::array<pollfd, 2> ready{{{.fd = PQsocket(wire_.get()), .events = POLLIN, .revents = 0},
                               {.fd = interrupted, .events = POLLIN, .revents = 0}}};
  if (heard()) return true;
  std::ignore = ::poll(ready.data(), ready.size(), static_cast<int>(most.count()));
  if (ready.front().revents != 0 && PQconsumeInput(wire_.get()) == 0) return lost();
  return heard();
}

std::unexpected<Error> Connection::refused(const PGresult& answer) {
  return fail("the fleet's database refuses it: {}", first_line(PQresultErrorMessage(&answer)));
}

Result<> Connection::connect() {
  if (wire_ && PQstatus(wire_.get()) == CONNECTION_OK) return {};
  // What the administrator has written comes last, and counts.
  const std::array keywords{"application_name", "connect_timeout", "tcp_user_timeout",
                            "client_encoding",  "dbname",          static_cast<const char*>(nullptr)};
  const std::array values{"bastion", "5", "5000", "UTF8", conninfo_.c_str(), static_cast<const char*>(nullptr)};
  listens_ = false;
  wire_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
  if (!wire_) return fail("there is no memory left");
  PQsetNoticeProcessor(wire_.get(), [](void*, const char*) {}, nullptr);  // or it writes to our standard error
  auto wants = PGRES_POLLING_WRITING;
  while (PQstatus(wire_.get()) != CONNECTION_BAD && wants != PGRES_POLLING_OK && wants != PGRES_POLLING_FAILED) {
    if (!wait(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT)) return lost();
    wants = PQconnectPoll(wire_.get());
  }
  if (PQstatus(wire_.get()) != CONNECTION_OK || PQsetnonblocking(wire_.get(), 1) != 0) return lost();
  return {};
}

std::unexpected<Error> Connection::lost() {
  const auto who = wire_ ? server_of(*wire_) : std::string("the server");
  auto why = wire_ && Clock::now() < until_ ? first_line(PQerrorMessage(wire_.get())) : who + " does not answer";
  if (why.empty()) why = "the connection to " + who + " broke";
  wire_.reset();
  return fail("{}: {}", kAwayText, why);
}

bool Connection::heard() {
  bool any = false;
  while (auto* const notice = PQnotifies(wire_.get())) {
    PQfreemem(notice);
    any = true;
  }
  return any;
}

bool Connection::wait(int events) {
  std::array<pollfd, 2> ready{{{.fd = PQsocket(wire_.get()), .events = static_cast<short>(events), .revents = 0},
                               {.fd = give_up_when_, .events = POLLIN, .revents = 0}}};
  while (!hurries()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
    if (left <= left.zero()) return false;
    const int found = ::poll(ready.data(), ready.size(), static_cast<int>(std::min(left, kMoment).count()));
    if (found > 0) return ready.back().revents == 0;
    if (found < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace bastion::store::fleet
