// Lets through what somebody may do who may not both read and write, and has the server refuse the rest.
//
// A request that is not permitted becomes, in its own bytes, one for an extension that no server knows; the server
// answers that it is not supported, and this becomes "permission denied" on its way back. So every request has its
// answer in its turn, no byte is added or taken, and the session goes on. Whoever does not speak SFTP ends it.
//
// What is kept back is the beginning of a request, up to its names, until it is whole. A window that is smaller than
// that is too small for SFTP (draft-ietf-secsh-filexfer-02 section 3 wants packets of 34000 bytes).
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "bastion/connection/channel_filter.h"
#include "bastion/sftp/packet_cutter.h"
#include "bastion/sftp/request.h"

namespace bastion::sftp {

class Filter final : public connection::ChannelFilter {
 public:
  // So many refused requests are remembered until they are answered; an answer to one more says that it is not
  // supported.
  static constexpr std::size_t kMostRefused = 1024;

  // `on_refused` hears of what is not permitted, from inside pass().
  Filter(Permitted permitted, std::function<void(const Request&)> on_refused)
      : permitted_(permitted), on_refused_(std::move(on_refused)) {}

  Result<Passed> pass(connection::Side from, MutableBytes data) override;

 private:
  [[nodiscard]] std::size_t wanted(connection::Side from, Bytes body) const;
  Result<> decide(connection::Side from, MutableBytes body, std::uint32_t size);
  Result<> decide_request(MutableBytes body);
  Result<> decide_answer(MutableBytes body, std::uint32_t size);
  Result<> refuse(MutableBytes body, const Request& request);
  [[nodiscard]] bool is_refused(Bytes answer) const;

  Permitted permitted_;
  std::function<void(const Request&)> on_refused_;
  PacketCutter requests_;
  PacketCutter answers_;
  std::multiset<std::uint32_t> refused_;  // not answered yet
  bool is_server_senseless_ = false;      // it does not speak SFTP: that is for the client to find out
};

}  // namespace bastion::sftp
