#include "bastion/upstream/link_reach.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/printable.h"
#include "bastion/loop/first_line.h"
#include "bastion/loop/local_listener.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/pause.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/upstream/link_place.h"

namespace bastion::upstream {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{100};

// What one link has come to. It may be there and not lead on, which is no reason to wait for another one.
struct Tried {
  std::optional<loop::Descriptor> channel = std::nullopt;
  bool is_there = false;
  std::string why = {};
};

Task<Tried> try_link(loop::Loop& loop, std::filesystem::path socket) {
  auto connection = loop::connect_local_at_once(socket);
  if (!connection) {
    std::error_code none;
    if (connection.error().nobody_listens) std::filesystem::remove(socket, none);
    co_return Tried{.why = connection.error().why};
  }
  const auto line = co_await loop::read_first_line(loop, *connection, kLongestLinkLine, kLinkAnswers);
  if (!line) co_return Tried{.why = "the link: " + line.error().text};
  if (*line == kLinkIsOpen) co_return Tried{.channel = *std::move(connection), .is_there = true};
  const auto said = line->starts_with(kLinkRefuses) ? line->substr(1) : *line;
  co_return Tried{.is_there = true, .why = printable_on_one_line(said, kLongestLinkLine)};
}

Task<Tried> try_links(const Credentials& credentials, std::int64_t backend) {
  Tried last;
  const auto sockets = LinkPlace(credentials.links.folder).sockets_to(backend);
  for (const auto& socket : sockets) {
    auto tried = co_await try_link(credentials.loop, socket);
    if (tried.channel) co_return tried;
    tried.is_there |= last.is_there;
    last = std::move(tried);
  }
  co_return last;
}

std::string since(std::optional<std::int64_t> last) {
  if (!last) return " yet";
  return fmt::format(" since {:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(*last)));
}

}  // namespace

Task<std::expected<std::unique_ptr<ByteStream>, End>> reach_by_link(const Credentials& credentials, access::Hop hop) {
  const auto& links = credentials.links;
  const auto last = links.last ? links.last(hop.backend) : std::nullopt;
  const bool comes_back = last && unix_now() - std::max(*last, links.since) < kLinkComesBack.count();
  const auto until = credentials.loop.now() + (comes_back ? credentials.within : std::chrono::seconds::zero());
  for (;;) {
    auto tried = co_await try_links(credentials, hop.backend);
    if (tried.channel) {
      co_return std::make_unique<loop::TcpStream>(credentials.loop, *std::move(tried.channel), credentials.timeout);
    }
    if (tried.is_there) co_return std::unexpected(End{Reason::backend_unreachable, hop.name, std::move(tried.why)});
    if (credentials.loop.now() >= until) {
      End end{Reason::backend_not_dialled_in, hop.name, std::move(tried.why)};
      end.since = since(last);
      co_return std::unexpected(std::move(end));
    }
    co_await loop::pause(credentials.loop, kBetweenLooks);
  }
}

}  // namespace bastion::upstream
