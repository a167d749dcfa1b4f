#include "bastion/signer/packet.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/signer/messages.h"

namespace bastion::signer {
namespace {

std::unexpected<Error> failed(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return fail("no answer in time");
  return fail("{}", std::strerror(error));
}

// The one descriptor of a message; whatever else came is closed.
loop::Descriptor descriptor_of(msghdr& header) {
  loop::Descriptor found;
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int number = -1;
    std::memcpy(&number, CMSG_DATA(part), sizeof number);
    found = loop::Descriptor(number);
  }
  return found;
}

}  // namespace

Result<SocketPair> make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return failed(errno);
  return SocketPair{loop::Descriptor(ends[0]), loop::Descriptor(ends[1])};
}

Result<> send_packet(int socket, Bytes message, int descriptor) {
  iovec bytes{.iov_base = const_cast<std::uint8_t*>(message.data()), .iov_len = message.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    auto* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  }
  for (;;) {
    const auto sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    if (sent >= 0) return {};
    if (errno != EINTR) return failed(errno);
  }
}

Result<std::optional<Packet>> receive_packet(int socket) {
  Packet packet{.message = ByteVector(kLargestMessage), .descriptor = {}};
  iovec bytes{.iov_base = packet.message.data(), .iov_len = packet.message.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  for (;;) {
    msghdr header{};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto size = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ECONNRESET) return std::nullopt;
    if (size < 0) return failed(errno);
    packet.descriptor = descriptor_of(header);
    if ((header.msg_flags & MSG_TRUNC) != 0) return fail("a message of more than {} bytes", kLargestMessage);
    if (size == 0) return std::nullopt;
    packet.message.resize(static_cast<std::size_t>(size));
    return packet;
  }
}

Result<std::optional<Packet>> receive_from_starter(int socket) {
  auto packet = receive_packet(socket);
  if (!packet) return fail("this is started by `bastion serve`, and by nobody else: {}", packet.error().text);
  return packet;
}

}  // namespace bastion::signer
