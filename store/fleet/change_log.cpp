#include "store/fleet/change_log.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace bastion::store::fleet {
namespace {

using Clock = std::chrono::steady_clock;

// So much of the log is fetched at once, and so many rows of it; one entry may be larger.
constexpr int kRows = 500;
constexpr std::int64_t kBytes = std::int64_t{8} * 1024 * 1024;

constexpr std::chrono::milliseconds kMoment{200};

constexpr std::string_view kUniqueViolation = "23505";

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS change_log ("
    " number bigint PRIMARY KEY, id text NOT NULL UNIQUE, node text NOT NULL, at timestamptz NOT NULL DEFAULT now(),"
    " schema integer NOT NULL, changeset bytea NOT NULL)";

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, FreeResult>;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

// What libpq says has its newline, and often a second line with details for whoever wrote the statement.
std::string first_line(const char* text) {
  const std::string_view all(text);
  return std::string(all.substr(0, all.find('\n')));
}

// Parameters and columns are in PostgreSQL's binary format: numbers have the network's order.
template <typename Number>
std::array<char, sizeof(Number)> wire_of(Number number) {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return std::bit_cast<std::array<char, sizeof(Number)>>(number);
}

template <typename Number>
Number number_in(const PGresult& row, int index, int column) {
  std::array<char, sizeof(Number)> wire{};
  if (PQgetlength(&row, index, column) != static_cast<int>(wire.size())) return 0;
  std::memcpy(wire.data(), PQgetvalue(&row, index, column), wire.size());
  const auto number = std::bit_cast<Number>(wire);
  return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

std::string_view text_in(const PGresult& row, int index, int column) {
  return {PQgetvalue(&row, index, column), static_cast<std::size_t>(PQgetlength(&row, index, column))};
}

}  // namespace

class ChangeLog::Connection {
 public:
  explicit Connection(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  // From now on what is asked may take so long, all together.
  void begin() {
    until_ = Clock::now() + kPatience;
    has_sent_ = false;
  }
  // Whether the server may have heard of it.
  [[nodiscard]] bool has_sent() const { return has_sent_; }
  // Lets some time pass before another attempt; false when there is none for it.
  [[nodiscard]] bool wait_a_moment() {
    ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds(kMoment).count()));
    return Clock::now() < until_;
  }

  // The error means that the server has not answered; whether it has done it nobody knows.
  [[nodiscard]] Result<Answer> ask(const char* sql, std::span<const std::string_view> values) {
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

  // The same for what may be asked twice, where an answer that is no success is an error too. A connection that has
  // been idle may have been lost without a word: that it answers no more says nothing about the server.
  [[nodiscard]] Result<Answer> do_or_fail(const char* sql, std::span<const std::string_view> values) {
    const bool was_idle = wire_ != nullptr;
    auto answer = ask(sql, values);
    if (!answer && was_idle) answer = ask(sql, values);
    if (!answer) return answer;
    const auto status = PQresultStatus(answer->get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return answer;
    return refused(**answer);
  }

  // False: it listens from now on, and what came before was not heard.
  [[nodiscard]] Result<bool> listens() {
    if (wire_ && PQstatus(wire_.get()) == CONNECTION_OK && listens_) return true;
    listens_ = false;
    const auto answer = do_or_fail("LISTEN change_log", {});
    if (!answer) return std::unexpected(answer.error());
    listens_ = true;
    return false;
  }

  // Whether something was heard.
  [[nodiscard]] Result<bool> hear(std::chrono::milliseconds most, int interrupted) {
    std::array<pollfd, 2> ready{{{.fd = PQsocket(wire_.get()), .events = POLLIN, .revents = 0},
                                 {.fd = interrupted, .events = POLLIN, .revents = 0}}};
    if (heard()) return true;
    std::ignore = ::poll(ready.data(), ready.size(), static_cast<int>(most.count()));
    if (ready.front().revents != 0 && PQconsumeInput(wire_.get()) == 0) return lost();
    return heard();
  }

  [[nodiscard]] static std::unexpected<Error> refused(const PGresult& answer) {
    return fail("the fleet's database refuses it: {}", first_line(PQresultErrorMessage(&answer)));
  }

 private:
  [[nodiscard]] Result<> connect() {
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

  [[nodiscard]] std::unexpected<Error> lost() {
    const auto why = wire_ && Clock::now() < until_ ? first_line(PQerrorMessage(wire_.get())) : "no answer in time";
    wire_.reset();
    return fail("the fleet's database cannot be reached: {}", why.empty() ? "the connection broke" : why);
  }

  bool heard() {
    bool any = false;
    while (auto* const notice = PQnotifies(wire_.get())) {
      PQfreemem(notice);
      any = true;
    }
    return any;
  }

  [[nodiscard]] bool wait(int events) {
    pollfd ready{.fd = PQsocket(wire_.get()), .events = static_cast<short>(events), .revents = 0};
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now()).count();
      if (left <= 0) return false;
      const int found = ::poll(&ready, 1, static_cast<int>(left));
      if (found > 0) return true;
      if (found == 0 || errno != EINTR) return false;
    }
  }

  std::string conninfo_;
  std::unique_ptr<PGconn, Finish> wire_;
  Clock::time_point until_;
  bool has_sent_ = false;
  bool listens_ = false;  // while wire_ is the connection on which it began
};

ChangeLog::ChangeLog(std::string conninfo) : connection_(std::make_unique<Connection>(std::move(conninfo))) {}
ChangeLog::~ChangeLog() = default;
ChangeLog::ChangeLog(ChangeLog&& other) noexcept = default;

Result<> ChangeLog::prepare() {
  connection_->begin();
  const auto made = connection_->do_or_fail(kSchema, {});
  if (!made) return std::unexpected(made.error());
  return {};
}

// The entry at the position comes with what follows it, to be compared: a log that was lost and begun anew has numbers
// too.
Result<std::vector<Entry>> ChangeLog::after(const Position& position) {
  constexpr auto* kFollowing =
      "SELECT number, id, node, schema, changeset FROM ("
      " SELECT number, id, node, schema, CASE WHEN number > $1 THEN changeset ELSE '' END AS changeset,"
      "  sum(CASE WHEN number > $1 THEN length(changeset) ELSE 0 END) OVER (ORDER BY number) - length(changeset) AS "
      "before"
      " FROM change_log WHERE number >= $1 ORDER BY number LIMIT $2) AS next WHERE before < $3 ORDER BY number";
  const auto number = wire_of(position.number);
  const auto rows = wire_of<std::int64_t>(kRows);
  const auto bytes = wire_of(kBytes);
  const std::array<std::string_view, 3> values{std::string_view(number.data(), number.size()),
                                               std::string_view(rows.data(), rows.size()),
                                               std::string_view(bytes.data(), bytes.size())};
  connection_->begin();
  const auto answer = connection_->do_or_fail(kFollowing, values);
  if (!answer) return std::unexpected(answer.error());
  std::vector<Entry> found;
  auto expected = position.number;
  for (int row = 0; row < PQntuples(answer->get()); ++row) {
    const auto& all = **answer;
    const auto changeset = text_in(all, row, 4);
    Entry entry{.number = number_in<std::int64_t>(all, row, 0),
                .id = std::string(text_in(all, row, 1)),
                .node = std::string(text_in(all, row, 2)),
                .schema = number_in<std::int32_t>(all, row, 3),
                .changeset = {changeset.begin(), changeset.end()}};
    if (entry.number == position.number) {
      if (entry.id != position.id) return fail("the fleet's log is another one than this bastion has followed");
      continue;
    }
    if (entry.number != ++expected) return fail("the fleet's log no longer has entry {}", expected);
    found.push_back(std::move(entry));
  }
  if (PQntuples(answer->get()) == 0 && position.number > 0) {
    return fail("the fleet's log has no entry {}, which this bastion has", position.number);
  }
  return found;
}

// The number is the primary key, so an entry may be sent again when nobody knows what has become of it: a second one
// waits for the first, and is refused when that is there.
Result<ChangeLog::Appended> ChangeLog::append(const Entry& entry) {
  constexpr auto* kAppend =
      "WITH appended AS (INSERT INTO change_log (number, id, node, schema, changeset) VALUES ($1, $2, $3, $4, $5)"
      " RETURNING number) SELECT pg_notify('change_log', '') FROM appended";
  constexpr auto* kWhoIsThere = "SELECT id FROM change_log WHERE number = $1";
  const auto number = wire_of(entry.number);
  const auto schema = wire_of(std::int32_t{entry.schema});
  const std::array<std::string_view, 5> values{std::string_view(number.data(), number.size()), entry.id, entry.node,
                                               std::string_view(schema.data(), schema.size()),
                                               text_of(entry.changeset)};
  connection_->begin();
  while (true) {
    const auto answer = connection_->ask(kAppend, values);
    if (!answer && !connection_->has_sent()) return std::unexpected(answer.error());
    if (!answer && connection_->wait_a_moment()) continue;
    if (!answer) return fail("{}: it is not known whether the change was made", answer.error().text);
    if (PQresultStatus(answer->get()) == PGRES_TUPLES_OK) return Appended::yes;
    const auto* const state = PQresultErrorField(answer->get(), PG_DIAG_SQLSTATE);
    if (state == nullptr || state != kUniqueViolation) return Connection::refused(**answer);
    const auto there = connection_->do_or_fail(kWhoIsThere, std::span(values).first(1));
    if (!there) return fail("{}: it is not known whether the change was made", there.error().text);
    const bool is_ours = PQntuples(there->get()) == 1 && text_in(**there, 0, 0) == entry.id;
    return is_ours ? Appended::yes : Appended::taken;
  }
}

Result<> ChangeLog::wait_for_news(std::chrono::milliseconds most, int interrupted) {
  connection_->begin();
  const auto listened = connection_->listens();
  if (!listened) return std::unexpected(listened.error());
  if (!*listened) return {};
  const auto heard = connection_->hear(most, interrupted);
  return heard ? Result<>{} : std::unexpected(heard.error());
}

}  // namespace bastion::store::fleet
