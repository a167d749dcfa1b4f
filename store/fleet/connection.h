// A connection to the fleet's database (libpq) that gives up in time.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::store::fleet {

struct FreeAnswer {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, FreeAnswer>;

// Parameters and columns are in PostgreSQL's binary format: numbers have the network's order.
template <typename Number>
std::array<char, sizeof(Number)> wire_of(Number number) {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return std::bit_cast<std::array<char, sizeof(Number)>>(number);
}

// 0 where the column is null or has another type.
template <typename Number>
Number number_in(const PGresult& row, int index, int column) {
  std::array<char, sizeof(Number)> wire{};
  if (PQgetlength(&row, index, column) != static_cast<int>(wire.size())) return 0;
  std::memcpy(wire.data(), PQgetvalue(&row, index, column), wire.size());
  const auto number = std::bit_cast<Number>(wire);
  return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

// Lives as long as the answer.
[[nodiscard]] std::string_view text_in(const PGresult& row, int index, int column);

// Made when it is first needed and again when it was lost. Belongs to one thread at a time. Errors name the database
// and what it said.
class Connection {
 public:
  // `conninfo` as libpq has it (PostgreSQL manual, "Connection Strings").
  explicit Connection(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  [[nodiscard]] const std::string& conninfo() const { return conninfo_; }
  // Whatever is waited for is given up as soon as this descriptor can be read.
  void give_up_when(int descriptor) { give_up_when_ = descriptor; }
  // What waits for the server gives up as soon as `hurry` is true, which another thread may set. It outlives this.
  void hurry_when(const std::atomic<bool>& hurry) { hurry_ = &hurry; }
  // From now on what is asked may take so long, all together.
  void begin(std::chrono::milliseconds patience);
  // Whether the server may have heard of it.
  [[nodiscard]] bool has_sent() const { return has_sent_; }
  // Lets some time pass before another attempt; false when there is none for it.
  [[nodiscard]] bool wait_a_moment();

  // The error means that the server has not answered; whether it has done it nobody knows. A value without data is
  // null.
  [[nodiscard]] Result<Answer> ask(const char* sql, std::span<const std::string_view> values);
  // The same for what may be asked twice, where an answer that is no success is an error too. A connection that has
  // been idle may have been lost without a word: that it answers no more says nothing about the server.
  [[nodiscard]] Result<Answer> do_or_fail(const char* sql, std::span<const std::string_view> values);

  // LISTEN, to what has a name of ours. False: it listens from now on, and what came before was not heard.
  [[nodiscard]] Result<bool> listens(const char* channel);
  // Whether something was heard, within `most` and until `interrupted`, a descriptor, can be read.
  [[nodiscard]] Result<bool> hear(std::chrono::milliseconds most, int interrupted);

  [[nodiscard]] static std::unexpected<Error> refused(const PGresult& answer);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  [[nodiscard]] Result<> connect();
  [[nodiscard]] std::unexpected<Error> lost();
  bool heard();
  [[nodiscard]] bool wait(int events);
  [[nodiscard]] bool hurries() const { return hurry_ != nullptr && hurry_->load(); }

  std::string conninfo_;
  int give_up_when_ = -1;
  std::unique_ptr<PGconn, Finish> wire_;
  std::chrono::steady_clock::time_point until_;
  const std::atomic<bool>* hurry_ = nullptr;
  bool has_sent_ = false;
  bool listens_ = false;  // while wire_ is the connection on which it began
};

}  // namespace bastion::store::fleet
