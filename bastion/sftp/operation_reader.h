// Reads both directions of one SFTP channel and tells what was done, each operation when it is over. It has no say in
// what passes.
//
// Both ends may say anything. What they can make it keep is bounded: beyond that, operations are told of at once and
// without their end. Where one of them does not speak SFTP, nothing more is told. Of requests that have one number the
// first is answered first: sftp-server does one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/connection/side.h"
#include "bastion/sftp/answer.h"
#include "bastion/sftp/operation.h"
#include "bastion/sftp/packet_cutter.h"
#include "bastion/sftp/request.h"

namespace bastion::sftp {

class OperationReader {
 public:
  static constexpr std::size_t kMostPending = 1024;
  static constexpr std::size_t kMostOpen = 1024;
  static constexpr std::size_t kMostKept = std::size_t{256} * 1024;  // bytes of names and handles

  // `tell` is called from inside the calls below.
  explicit OperationReader(std::function<void(const Operation&)> tell) : tell_(std::move(tell)) {}

  // What a side has said next, in pieces of any size.
  void read(connection::Side from, Bytes bytes);
  // The channel is over: what has not ended is told of without an end. Once.
  void end();
  // One of them does not speak SFTP: it is as after end().
  [[nodiscard]] bool is_lost() const { return is_lost_; }

 private:
  // A request that was not answered yet: of any kind, since it is by its number that an answer is known.
  struct Pending {
    Type type = Type::init;
    Operation operation{};  // of those that are told of
    bool is_told = false;   // it has one
    std::string handle{};   // CLOSE, READ, WRITE
    std::uint32_t number = 0;
    [[nodiscard]] std::size_t kept() const { return operation.first.size() + operation.second.size() + handle.size(); }
  };
  struct Open {
    Operation operation{};
    std::uint32_t failure = 0;
  };

  void on_request(const Request& request);
  void on_extension(const Request& request);
  void on_answer(const Answer& answer);
  void on_status(Pending pending, std::uint32_t status);
  void ask(std::uint32_t id, Pending pending);
  void ask(const Request& request, Operation::Kind kind, std::string_view first, std::string_view second = {});
  void open(Operation operation, std::string_view handle);
  void close(const std::string& handle, std::uint32_t status);
  [[nodiscard]] Open* find(std::string_view handle);
  [[nodiscard]] std::string_view name_of(std::string_view handle);
  void tell_unfinished(const Pending& pending) const;
  void lose();

  std::function<void(const Operation&)> tell_;
  PacketCutter requests_;
  PacketCutter answers_;
  std::multimap<std::uint32_t, Pending> pending_;
  std::map<std::string, Open, std::less<>> open_;
  std::size_t kept_ = 0;
  bool is_lost_ = false;
};

}  // namespace bastion::sftp
