// One connection that has authenticated and everything hanging off it, until it ends with exactly one reason.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "bastion/access/lookup.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/relay.h"
#include "bastion/loop/timer.h"
#include "bastion/session/admin_endpoint.h"
#include "bastion/session/approach.h"
#include "bastion/session/awakening.h"
#include "bastion/session/detours.h"
#include "bastion/session/inspection.h"
#include "bastion/session/live_session.h"
#include "bastion/session/menu.h"
#include "bastion/session/observer.h"
#include "bastion/session/path.h"
#include "bastion/session/reauthorizer.h"
#include "bastion/session/session_timer.h"
#include "bastion/session/settings.h"
#include "bastion/session/still_printed.h"
#include "bastion/session/stranger.h"
#include "bastion/session/tunnel.h"
#include "bastion/session/window_endpoint.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/upstream/keepalive.h"
#include "bastion/wake/alarm.h"

namespace bastion::store {
class Sightings;
class Sources;
class Wakes;
}  // namespace bastion::store
namespace bastion::follow {
class Lookout;
}
namespace bastion::record {
class Recorder;
}

namespace bastion::session {

class Session final : private connection::Relay::Delegate, private Reauthorizer::Subject {
 public:
  // What a session needs of the worker that runs it; all of it outlives the session.
  struct Place {
    const upstream::Credentials& credentials;
    access::Lookup& lookup;
    const Observers& observers;
    upstream::HopPool& hops;
    Reauthorizer& reauthorizer;
    Detours& detours;
    transport::ServerProfile& profile;
    Settings settings;  // a session keeps those it began with
    AdminEndpoint& admin_endpoint;
    WindowEndpoint* window;  // nullptr: nobody serves one
    store::Wakes& wakes;
    wake::Alarm* alarm;  // nullptr: nothing is started
    store::Sources& sources;
    store::Sightings& sightings;
    follow::Lookout* lookout;           // nullptr: nobody is asked where a container is
    auth::ExternalKeys* external_keys;  // nullptr: nobody knows more keys than the directory has
    record::Recorder* recorder;         // nullptr: nothing is recorded
    // Nothing more will come of it: defer_delete() it.
    std::function<void(Session&)> on_over;
  };

  // `stream` is a new one over the connection it was admitted on.
  Session(const Place& place, Admission admission, std::unique_ptr<ByteStream> stream);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start();
  // Ends the session, if nothing has yet. The user is told what the reason's sentence says, and given time to read it.
  void finish(End end);

  // A line for whoever sits at a terminal.
  void warn(std::string_view sentence);

  [[nodiscard]] const Arrival& arrival() const { return arrival_; }
  // How it stands; nothing once it has ended.
  [[nodiscard]] std::optional<LiveSession> live() const;
  // What it carries now; nothing once it has ended, because observers know the rest.
  struct Carries {
    connection::Traffic traffic;
    std::size_t channels = 0;
    std::size_t tunnels = 0;  // of them
  };
  [[nodiscard]] std::optional<Carries> carries() const;
  // Whether it goes to this place, or is on its way there, by a session or by a tunnel.
  [[nodiscard]] bool leads_to(const access::ContainerPlace& place) const;

 private:
  friend Task<> walk(Session& session);

  // The two legs report to the session, each through a listener of its own.
  struct UserLeg final : transport::Session::Delegate {
    explicit UserLeg(Session& owner) : session(owner) {}
    void on_message(MutableBytes packet) override;
    void on_drained() override;
    void on_lost(const transport::Loss& loss) override;
    Session& session;
  };
  struct ContainerLeg final : transport::Session::Delegate {
    explicit ContainerLeg(Session& owner) : session(owner) {}
    void on_message(MutableBytes packet) override;
    void on_drained() override { session.balance(); }
    void on_lost(const transport::Loss& loss) override;
    Session& session;
  };

  // The steps of the path (path.cpp).
  Task<std::expected<void, End>> lead_in();
  // By the route that is known, or, where it is not there, by the one that its source knows.
  Task<std::expected<void, End>> go_in_where_it_is();
  // Where the directory has the container by now, if that is somewhere else.
  [[nodiscard]] std::optional<access::Route> new_route() const;
  // By the route that is known, as things are now.
  Task<std::expected<void, End>> go_in();
  [[nodiscard]] std::unique_ptr<Approach> approach(const access::Route& route);
  // To the door of her container, before it is known whether she wants in; and back from there.
  void set_out();
  void turn_back();
  [[nodiscard]] Awakening awakening();
  Task<std::expected<access::Route, End>> choose_route();
  // Until her client has offered to forward her agent, or has had the time to.
  Task<> await_agent();
  [[nodiscard]] upstream::UserAgent user_agent();
  [[nodiscard]] std::expected<access::Route, End> look_up_route() const;
  // Observers hear how long it took since then, by Loop::instant(). The time now.
  std::chrono::microseconds end_phase(Phase phase, std::chrono::microseconds began) const;
  void relay_to(std::unique_ptr<transport::ClientSession> container);
  // For so long as a session may still come in which she can be asked.
  void await_choice(End why);
  // There is no container for her: the session ends, unless it has something that needs none. Says whether it goes on.
  bool fall_short(const End& end);
  void left_without(const End& why) const;

  // What she opens, and where it leads (openings.cpp).
  std::variant<connection::Pass, connection::Refuse, connection::Serve> on_open(
      connection::Side from, const connection::ChannelOpen& open) override;
  void on_unasked_open(const connection::ChannelOpen& open) override;
  void on_channel_offer(const connection::ChannelOpen& open, connection::ChannelOffer offer) override;
  void on_session_offer(connection::SessionOffer offer) override;
  std::optional<connection::Refuse> on_global_request(const connection::GlobalRequest& request) override;
  std::variant<connection::Pass, connection::Refuse, connection::Replace> on_session_request(
      const connection::ChannelRequest& request, connection::Attached to) override;
  void on_container_wanted() override { connect_requests_.push({}); }
  void on_reply_held_up() override { user_->say_nothing(); }
  std::optional<ByteVector> prove_host_keys(Bytes request) override { return user_->prove_host_keys(request); }
  // What she reads before the command or the shell of her container says anything.
  [[nodiscard]] std::string notice_of(const connection::SessionStart& start) const;
  [[nodiscard]] std::string greeting() const;
  // A variable that she cannot set.
  [[nodiscard]] bool is_ours(std::string_view variable) const;
  // Where it leads as things are now; nothing where it is refused, or goes inside her container.
  [[nodiscard]] std::optional<access::ThroughTheHops> way_to(const Endpoint& wanted);
  // Observers hear of each place once.
  void note_tunnel(const access::ThroughTheHops& way);
  void close_tunnel(const Tunnel& tunnel);
  [[nodiscard]] connection::Refuse refuse(std::string_view what, const std::string& why) const;
  // That she has no container, or several and has not said which; nothing otherwise.
  [[nodiscard]] std::optional<End> lacks_container();
  void on_choice(const std::optional<std::string>& name);
  // Whether what has no container yet is to go to one that takes the keys of her own agent.
  [[nodiscard]] bool wants_agent() const;
  void note_agent();
  void refuse_without_agent(connection::SessionOffer& offer);
  [[nodiscard]] std::string explain(const End& end) const;

  // What leads to the bastion itself (own_endpoints.cpp).
  // Whether the session is for the endpoint of commands. It is answered then.
  bool lead_to_endpoint(connection::SessionOffer& offer);
  void enter_endpoint(connection::SessionOffer& offer, AdminEndpoint::Door door, std::string words);
  [[nodiscard]] bool has_own_door() const;
  [[nodiscard]] bool may_administrate() const;
  [[nodiscard]] connection::Refuse refuse_admin();
  // Whether a forward is for the bastion's own pages.
  [[nodiscard]] bool is_for_window(const Endpoint& wanted) const;
  void open_window(connection::ChannelOffer offer);

  std::unique_ptr<connection::ChannelObserver> observer_of(connection::Side opener,
                                                           const connection::ChannelOpen& open) override;
  // Nothing more is read for a moment that would be missing in a recording.
  [[nodiscard]] bool waits_for_recorder();

  // Whether the user may stay (reauthorization.cpp).
  void begin_reauthorization();
  void ask_for_keys_again();
  void look_again();
  void watch_over(const Tunnel& tunnel);
  std::optional<std::int64_t> recheck(std::int64_t now) override;
  std::optional<std::int64_t> recheck_tunnels(std::int64_t now);
  [[nodiscard]] std::expected<std::optional<std::int64_t>, End> may_use(const Tunnel& tunnel);

  // What it means that the container's leg is lost.
  [[nodiscard]] End end_of_container(std::string detail) const;
  void lose_container(const End& lost);
  void balance();
  // Bytes both ways that say that somebody uses it, and what else does.
  [[nodiscard]] std::uint64_t moved() const;
  void note_traffic();
  void note_use_of_window();
  [[nodiscard]] std::string for_user(std::string_view sentence) const;
  void tell(const std::string& sentence);
  void expect_hang_up();
  void on_deadline();
  void hang_up();
  void leave();
  void tell_of_end() const;
  template <typename... Asked, typename... Told>
  void observe(void (Observer::*event)(const Arrival&, Asked...), const Told&... told) const {
    for (auto* const observer : place_.observers) (observer->*event)(arrival_, told...);
  }

  Place place_;
  Arrival arrival_;
  access::Identity identity_;
  access::Target target_;
  std::vector<ByteVector> early_;        // came before it was a session
  std::optional<transport::Loss> loss_;  // so did the end
  std::optional<End> refused_;           // why it ends as it begins
  std::optional<access::Route> route_;
  upstream::Use use_ = upstream::Use::anything;  // by what has wanted the container
  std::optional<access::Route> found_route_;     // when a session was opened, for when it is led in
  Inspection inspection_;
  std::optional<End> end_;
  std::optional<End> awaits_choice_;  // while something waits for her to name a container: why it waits
  struct OfferedWay {
    Endpoint wanted;
    access::ThroughTheHops leads;
  };
  std::optional<OfferedWay> offered_way_;      // of the channel that is being offered
  std::optional<std::string> offered_window_;  // so too, where it is for the window: `bastion:80`
  bool has_looked_ = false;                    // through the window, which was logged
  bool offers_agent_ = false;                  // her client does (auth-agent-req@openssh.com)
  int unasked_ = 0;                            // how often its container opened what nobody had asked for
  std::set<std::string> tunnelled_;            // what observers know of
  std::chrono::milliseconds opening_until_{};  // by the loop's clock: a client that opens a session has done so by then
  std::string told_;                           // the sentence the user reads at the end
  std::size_t unread_ = 0;                     // what she had still to read of it when we last looked
  int readings_left_ = 0;                      // how often the time to read may still be prolonged
  std::int64_t entered_at_ = 0;                // Unix seconds
  std::uint64_t window_uses_ = 0;              // requests that somebody has made there
  std::uint64_t moved_ = 0;                    // when it was last looked at
  std::chrono::milliseconds moved_at_{0};      // when there were more of them than before, by the loop's clock
  bool over_ = false;

  UserLeg user_leg_{*this};
  ContainerLeg container_leg_{*this};
  std::unique_ptr<transport::ServerSession> user_;
  connection::Relay relay_;
  upstream::HopConnection* hop_ = nullptr;  // the last one on the way; outlives container_, which runs through it
  std::unique_ptr<transport::ClientSession> container_;
  std::unique_ptr<upstream::Keepalive> keepalive_;
  std::list<std::unique_ptr<Tunnel>> tunnels_;
  std::unique_ptr<Menu> menu_;
  std::optional<SessionTimer> session_timer_;
  std::optional<StillPrinted> still_printed_;  // of a session that was begun with a key that was printed
  std::optional<Reauthorizer::Watch> watch_;
  std::list<std::unique_ptr<AdminEndpoint::Session>> admin_sessions_;
  std::list<std::unique_ptr<WindowEndpoint::Conversation>> windows_;
  loop::Timer deadline_;                     // to choose a container; at the end, the time the user has to read why
  loop::Timer recorder_due_;                 // to look whether the recorder has caught up
  Stream<std::monostate> connect_requests_;  // something is to go to her container
  Stream<std::monostate> choices_;
  Stream<std::monostate> agents_;  // while awaits_agent_: she offers hers, or her time is over
  bool awaits_agent_ = false;
  std::unique_ptr<Approach> ahead_;  // begun before anything has wanted her container
  loop::Timer set_out_until_;
  Task<> path_;
};

}  // namespace bastion::session
