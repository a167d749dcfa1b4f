#include "bastion/login/hop_pool.h"

#include <algorithm>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/connector.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_wire.h"

namespace bastion::login {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};

}  // namespace

HopConnection::HopConnection(loop::Loop& loop, std::unique_ptr<transport::ClientSession> session, std::string name,
                             HopConnection* before, std::chrono::seconds keepalive_interval, int keepalive_patience)
    : session_(std::move(session)),
      name_(std::move(name)),
      before_(before),
      mux_(*session_),
      keepalive_(loop, keepalive_interval, keepalive_patience,
                 {.heard = [this] { return session_->heard(); },
                  .ask = [this] { mux_.ping(); },
                  .give_up = [this] { end("it does not answer any more"); }},
                 before == nullptr ? Keepalive::Carrier{} : before->carrier()) {
  session_->report_to(this);
}

HopConnection::~HopConnection() {
  session_->report_to(nullptr);
  session_->disconnect("the bastion does not need this connection any more");
}

void HopConnection::on_message(MutableBytes packet) {
  if (lost_) return;
  if (const auto handled = mux_.receive(packet); !handled) end("it broke the protocol: " + handled.error().text);
}

void HopConnection::on_lost(const transport::Loss& loss) { end(loss.text); }

void HopConnection::end(const std::string& why) {
  if (std::exchange(lost_, true)) return;
  log::warning("hop lost backend={} why={:?} channels={}", name_, why, mux_.channels());
  mux_.lost(Error{why});
}

Task<std::expected<std::unique_ptr<Wire>, End>> wire_through(const Credentials& credentials, HopConnection& hop,
                                                             Endpoint to, Peer peer) {
  auto channel = hop.open(to.host, to.port);
  loop::Timer deadline(credentials.loop,
                       [&] { channel->opened().set(fail("no answer within {} s", credentials.within.count())); });
  deadline.start(credentials.within);
  const auto opened = co_await channel->opened();
  if (opened) co_return std::move(channel);
  credentials.loop.bury(std::move(channel));
  co_return std::unexpected(End{peer.unreachable, peer.name, opened.error().text});
}

HopPool::HopPool(const Credentials& credentials, Settings settings)
    : credentials_(credentials), settings_(settings), sweeper_(credentials.loop, [this] { sweep(); }) {
  sweeper_.repeat(kSweepEvery);
}

// A hop behind another one runs through a channel of that one: the far ends go first.
HopPool::~HopPool() {
  entries_.sort([](const auto& a, const auto& b) { return a->hops.size() > b->hops.size(); });
  while (!entries_.empty()) entries_.pop_front();
}

HopPool::Entry* HopPool::usable(const std::vector<Hop>& hops) {
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) {
    return entry->hops == hops && !entry->failed && !(entry->connection && entry->connection->lost());
  });
  return found == entries_.end() ? nullptr : found->get();
}

Task<HopPool::Reached> HopPool::reach(std::vector<Hop> hops) {
  auto* entry = usable(hops);
  if (entry == nullptr) {
    entry = entries_.emplace_back(std::make_unique<Entry>()).get();
    entry->hops = std::move(hops);
    start_dial(*entry);
  }
  entry->idle_since = credentials_.loop.now();
  co_return co_await entry->reached;
}

void HopPool::start_dial(Entry& entry) {
  entry.dial = dial(entry);
  entry.dial.start([&entry] {
    auto reached = entry.dial.take();
    entry.failed = !reached.has_value();
    entry.reached.set(std::move(reached));
  });
}

Task<HopPool::Reached> HopPool::dial(Entry& entry) {
  const auto& hop = entry.hops.back();
  const std::vector<Hop> nearer(entry.hops.begin(), entry.hops.end() - 1);
  HopConnection* before = nullptr;
  if (!nearer.empty()) {
    const auto reached = co_await reach(nearer);
    if (!reached) co_return std::unexpected(reached.error());
    before = *reached;
  }
  auto wire = co_await wire_to(hop, before);
  if (!wire) co_return std::unexpected(wire.error());
  const auto peer = peer_of(hop);
  auto session = co_await log_in(credentials_, *std::move(wire), peer);
  if (!session) co_return std::unexpected(session.error());
  log::info("hop connected backend={} host={} port={} via={}", hop.name, hop.host, hop.port,
            nearer.empty() ? "-" : nearer.back().name);
  entry.connection = std::make_unique<HopConnection>(credentials_.loop, *std::move(session), hop.name, before,
                                                     settings_.keepalive_interval, settings_.keepalive_patience);
  co_return entry.connection.get();
}

Task<std::expected<std::unique_ptr<Wire>, End>> HopPool::wire_to(const Hop& hop, HopConnection* before) {
  const Endpoint address{hop.host, hop.port};
  if (before != nullptr) {
    const auto peer = peer_of(hop);
    co_return co_await wire_through(credentials_, *before, address, peer);
  }
  auto socket = co_await loop::connect(credentials_.loop, address, credentials_.within);
  if (!socket) co_return std::unexpected(End{Reason::backend_unreachable, hop.name, socket.error().text});
  co_return std::make_unique<loop::TcpWire>(credentials_.loop, *std::move(socket), credentials_.patience);
}

// Lets go of what is dead and unused, and of hops nobody has needed for a while.
void HopPool::sweep() {
  const auto now = credentials_.loop.now();
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto& entry = **at;
    const auto* const hop = entry.connection.get();
    const bool held = hop != nullptr && hop->holders() > 0;
    if (held) entry.idle_since = now;
    const bool over = entry.failed || (hop != nullptr && hop->lost());
    const bool idle = hop != nullptr && now - entry.idle_since >= settings_.idle_timeout;
    if (!held && (over || idle)) {
      if (!over) log::info("hop closed backend={} why=\"idle\"", entry.hops.back().name);
      credentials_.loop.bury(std::move(*at));
      at = entries_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace bastion::login
