#include "bastion/server/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"

namespace bastion::server {
namespace {

using Verdict = AcceptStage::Verdict;
using Drop = AcceptStage::Drop;
using Pass = AcceptStage::Pass;
using Wait = AcceptStage::Wait;

constexpr std::string_view kBeginOfVersion1 = "PROXY ";
constexpr std::size_t kLongestLine = 107;  // of version 1, with CR LF

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};  // of version 2
constexpr std::size_t kFixedSize = 16;
constexpr std::uint8_t kVersion2 = 0x20;
enum Command : std::uint8_t { local = 0, proxy = 1 };
enum Transport : std::uint8_t { tcp_over_ipv4 = 0x11, tcp_over_ipv6 = 0x21 };

// One that names the balancer's own address speaks for the balancer itself.
Pass passed_on(const Endpoint& balancer, const Endpoint& source, std::size_t size) {
  return {.from = source, .bytes = size, .is_check = source.host == balancer.host};
}

Drop malformed() { return {"it has begun with no PROXY header that can be read"}; }

bool begins_like(std::string_view text, std::string_view whole) {
  const auto size = std::min(text.size(), whole.size());
  return text.substr(0, size) == whole.substr(0, size);
}

// One word up to the next space; nothing where there is none.
std::optional<std::string_view> take_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  if (word.empty()) return std::nullopt;
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return port;
}

// The source's end of `TCP4 SOURCE DESTINATION PORT PORT`.
std::optional<Endpoint> source_in_line(std::string_view line) {
  const auto family = take_word(line);
  const auto source = take_word(line);
  const auto destination = take_word(line);
  const auto source_port = take_word(line);
  const auto destination_port = take_word(line);
  if (!destination_port || !line.empty()) return std::nullopt;
  const bool is_ipv6 = *family == "TCP6";
  if (!is_ipv6 && *family != "TCP4") return std::nullopt;
  const auto is_of_family = [&](std::string_view text) { return text.contains(':') == is_ipv6 && !text.contains('%'); };
  const auto address = address_of(*source);
  const auto port = port_of(*source_port);
  if (!address || !address_of(*destination) || !is_of_family(*source) || !is_of_family(*destination)) {
    return std::nullopt;
  }
  if (!port || !port_of(*destination_port)) return std::nullopt;
  return Endpoint{text_of(*address), *port};
}

Verdict read_version_1(const Endpoint& peer, std::string_view text) {
  const auto end = text.substr(0, kLongestLine).find("\r\n");
  if (end == std::string_view::npos) {
    // Whoever sends it in pieces is looked at again for each: so few bytes cost nothing.
    if (text.size() >= kLongestLine) return malformed();
    return Wait{text.size() + 1};
  }
  auto line = text.substr(0, end);
  line.remove_prefix(kBeginOfVersion1.size());
  const auto size = end + 2;
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return Pass{.from = peer, .bytes = size, .is_check = true};
  const auto source = source_in_line(line);
  if (!source) return malformed();
  return passed_on(peer, *source, size);
}

Endpoint source_in_block(Bytes block, std::size_t address_size) {
  Address address;
  std::ranges::copy(block.first(address_size), address.bytes.begin());
  address.size = address_size;
  const auto port = block.subspan(2 * address_size, 2);
  const auto text = text_of(address);
  const auto unmapped = address_of(text);
  return {unmapped ? text_of(*unmapped) : text, static_cast<std::uint16_t>((port[0] << 8U) | port[1])};
}

Verdict read_version_2(const Endpoint& peer, Bytes first) {
  if (first.size() < kFixedSize) return Wait{kFixedSize};
  const auto command = static_cast<std::uint8_t>(first[12] ^ kVersion2);
  const auto transport = first[13];
  const auto length = static_cast<std::size_t>((first[14] << 8U) | first[15]);
  const auto size = kFixedSize + length;
  if (command != Command::local && command != Command::proxy) return malformed();
  if (size > AcceptStage::kMostBytes) return malformed();
  if (first.size() < size) return Wait{size};
  if (command == Command::local) return Pass{.from = peer, .bytes = size, .is_check = true};
  const std::size_t address_size = transport == tcp_over_ipv4 ? 4 : transport == tcp_over_ipv6 ? 16 : 0;
  // Datagrams, unix sockets and what is unspecified do not come from anywhere that could be counted.
  if (address_size == 0) return Drop{"its PROXY header names no TCP connection"};
  const auto block = first.subspan(kFixedSize, length);
  if (block.size() < 2 * address_size + 4) return malformed();
  return passed_on(peer, source_in_block(block, address_size), size);
}

}  // namespace

Verdict read_proxy_header(const Endpoint& peer, Bytes first) {
  const auto text = text_of(first);
  if (text.empty()) return Wait{1};
  if (begins_like(text, kSignature)) {
    if (text.size() < kSignature.size()) return Wait{kFixedSize};
    return read_version_2(peer, first);
  }
  if (!begins_like(text, kBeginOfVersion1)) return malformed();
  if (text.size() < kBeginOfVersion1.size()) return Wait{text.size() + 1};
  return read_version_1(peer, text);
}

Verdict ProxyHeader::look(const Endpoint& peer, Bytes first) {
  if (balancers_.empty()) return AcceptStage::Pass{.from = peer};
  const auto address = address_of(peer.host);
  const bool is_balancer =
      address && std::ranges::any_of(balancers_, [&](const Network& network) { return network.contains(*address); });
  return is_balancer ? read_proxy_header(peer, first) : AcceptStage::Pass{.from = peer};
}

}  // namespace bastion::server
