// A link: the connection of a backend's machine that has authenticated with the backend's own key and asked for a
// forward. Whoever connects to its socket (upstream/link_place.h) has a channel to that backend's sshd, and logs in
// there as to any other backend. The machine can do nothing else here.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/base/reason.h"
#include "bastion/base/splice.h"
#include "bastion/base/task.h"
#include "bastion/connection/link_mux.h"
#include "bastion/loop/local_listener.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/loop/timer.h"
#include "bastion/session/path.h"
#include "bastion/session/reauthorizer.h"
#include "bastion/session/settings.h"
#include "bastion/session/stranger.h"
#include "bastion/transport/server_session.h"
#include "bastion/upstream/keepalive.h"

namespace bastion::access {
class Lookup;
}
namespace bastion::store {
class Writer;
}

namespace bastion::session {

class Link final : private transport::Session::Delegate,
                   private connection::LinkMux::Delegate,
                   private Reauthorizer::Subject {
 public:
  // What it needs of the worker that runs it; all of it outlives the link.
  struct Place {
    loop::Loop& loop;
    access::Lookup& lookup;
    Reauthorizer& reauthorizer;
    transport::ServerProfile& profile;
    Settings settings;  // those it began with
    store::Writer& writer;
    std::string server;            // who serves it
    std::filesystem::path folder;  // of the sockets of links
    // Nothing more will come of it: defer_delete() it.
    std::function<void(Link&)> on_over;
  };

  // How long its machine has to ask for the forward.
  static constexpr std::chrono::seconds kForwardWithin{10};
  // Of one backend, in all processes: those of a machine that is cut off are noticed late.
  static constexpr std::size_t kMost = 8;
  // Key exchanges that its machine may begin within a minute; OpenSSH begins one an hour, or after 1 GiB.
  static constexpr int kMostRekeys = 12;

  // `stream` is a new one over the connection it was admitted on.
  Link(const Place& place, Admission admission, std::unique_ptr<ByteStream> stream);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  // Ends it, if nothing has yet: its machine is told why.
  void finish(End end);
  // It is to end as soon as it carries nothing: its machine makes another one, to whoever serves now.
  void retire();
  // Whether hops can go through it.
  [[nodiscard]] bool is_up() const { return listener_ != nullptr; }

 private:
  // One stream through it.
  class Carried {
   public:
    Carried(Link& link, loop::Descriptor here, std::unique_ptr<connection::LocalChannel> there);
    void start();

   private:
    Task<void> begin();

    Link& link_;
    std::unique_ptr<loop::TcpStream> here_;
    std::unique_ptr<connection::LocalChannel> there_;
    std::optional<Splice> splice_;
    Task<void> task_;
  };

  void on_message(MutableBytes packet) override;
  void on_drained() override { mux_.drained(); }
  void on_lost(const transport::Loss& loss) override;
  void on_forward(bool is_there) override;
  void on_refused(std::string_view what) override;
  std::optional<ByteVector> prove_host_keys(Bytes request) override { return user_->prove_host_keys(request); }
  std::optional<std::int64_t> recheck(std::int64_t now) override;

  void go_up();
  void carry(loop::Descriptor here);
  void over(Carried& carried);
  [[nodiscard]] bool may_rekey();
  void leave_if_idle();
  void write_down(const std::string& action, std::string outcome, std::string detail) const;

  Place place_;
  Arrival arrival_;
  access::Identity machine_;
  std::vector<ByteVector> early_;        // came before it was a link
  std::optional<transport::Loss> loss_;  // so did the end
  std::int64_t began_at_ = 0;            // Unix seconds
  std::uint64_t carried_count_ = 0;
  int rekeys_ = 0;
  std::chrono::milliseconds rekeys_since_{0};
  bool was_up_ = false;
  bool retired_ = false;
  bool over_ = false;
  std::unique_ptr<transport::ServerSession> user_;
  connection::LinkMux mux_;
  std::unique_ptr<loop::LocalListener> listener_;  // while it has a forward
  std::list<std::unique_ptr<Carried>> carried_;
  std::optional<upstream::Keepalive> keepalive_;
  std::optional<Reauthorizer::Watch> watch_;
  loop::Timer forward_due_;
};

}  // namespace bastion::session
