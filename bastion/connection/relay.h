// The packet relay: RFC 4254 messages between a user's transport and a container's. It need not understand a terminal,
// a forward or an agent to carry them; it maps channel numbers and keeps the order of replies. Flow control stays end
// to end: the windows belong to the two ends, so a slow reader slows the writer and not the bastion.
//
// A relay starts without a container, and asks its delegate for one when something is to go there. The user's session
// channels are confirmed at once with window 0, and what they ask is held. Then either connect() lets it flow, or
// refuse() answers every session with a sentence. What the delegate wants to serve itself never gets as far as the
// container. Pure: packets in, packets out.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/channel_filter.h"
#include "bastion/connection/channel_observer.h"
#include "bastion/connection/global_replies.h"
#include "bastion/connection/local_channels.h"
#include "bastion/connection/message.h"
#include "bastion/connection/offer.h"
#include "bastion/connection/permitted_opens.h"
#include "bastion/connection/relayed_channel.h"
#include "bastion/connection/side.h"
#include "bastion/connection/traffic.h"

namespace bastion::connection {

// What the delegate says to something that wants to pass. A session whose start is refused ends.
struct Pass {
  std::string notice{};                     // of a session's request: for that session to read
  std::string at_terminal{};                // the same, where it has a terminal
  std::unique_ptr<ChannelFilter> filter{};  // of a start: in the way of the session's data, both ways; null: nothing is
};
struct Refuse {
  std::string why;  // the user may read it
};
// It is for the bastion itself: an offer follows, for a session when it has said what it wants.
struct Serve {};
// Of a request that starts a session: this is to be started in its place.
struct Replace {
  SessionStart start;
  std::string notice{};  // as in Pass
  std::unique_ptr<ChannelFilter> filter{};
};
// What the session has had so far that a request is made in.
enum class Attached : std::uint8_t { pipes, terminal };

class Relay {
 public:
  // Asked for every opening and request, never for data. A call may answer at once with whatever the relay offers.
  class Delegate {
   public:
    // Of a channel that the container opens, Serve means Pass.
    virtual std::variant<Pass, Refuse, Serve> on_open(Side from, const ChannelOpen& open) = 0;
    // The container has opened what nobody had asked for, and was refused.
    virtual void on_unasked_open(const ChannelOpen& open) = 0;
    virtual void on_channel_offer(const ChannelOpen& open, ChannelOffer offer) = 0;
    virtual void on_session_offer(SessionOffer offer) = 0;
    // Of the user: why it is refused, or nothing.
    virtual std::optional<Refuse> on_global_request(const GlobalRequest& request) = 0;
    // The user asks something, most often whether anybody is there, and the reply has to wait for one that the
    // container takes its time for: it is time for another sign of life.
    virtual void on_reply_held_up() = 0;
    // Of the user, on a session. Where nobody has said yet where it leads, it may be asked of the same request twice.
    virtual std::variant<Pass, Refuse, Replace> on_session_request(const ChannelRequest& request, Attached to) = 0;
    // Something waits for the container: connect(), disconnect() or refuse() is to follow, now or later.
    virtual void on_container_wanted() = 0;
    // Of every channel that is not served, when the other side is asked to open it: who is to observe it; null for
    // nobody. An exception means nobody.
    virtual std::unique_ptr<ChannelObserver> observer_of(Side /*opener*/, const ChannelOpen& /*open*/) {
      return nullptr;
    }
    // Answers hostkeys-prove-00@openssh.com (OpenSSH's PROTOCOL, section 2.5): the payload of REQUEST_SUCCESS, or
    // nothing when the request is to be refused.
    virtual std::optional<ByteVector> prove_host_keys(Bytes request) = 0;

   protected:
    ~Delegate() = default;
  };

  enum class Audience : std::uint8_t {
    terminals,  // every session in the container that has a terminal
    sessions,   // every session there; where there is none yet, the next one
  };

  // Both must outlive the relay.
  Relay(PacketSink& user, Delegate& delegate);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // A variable that every session in the container has when it starts, if its sshd accepts it. What the user sends by
  // that name is the delegate's to refuse.
  void set_variable(std::string_view name, std::string_view value);

  // The container's transport is ready: what was held goes there. `container` must outlive the relay or disconnect().
  void connect(PacketSink& container);
  // There is no container, or there is none any more. What leads there ends in order: the sentence on standard error,
  // the exit status, EOF, CLOSE. The next thing that is to go there asks for a container again.
  void disconnect(const std::string& sentence, std::uint32_t status);
  // The same, for good: what comes later is told the same. Channels of the user that the bastion serves are the
  // delegate's to end; that to the agent is closed.
  void refuse(std::string sentence, std::uint32_t status);

  // One message from a side; it may be changed in place. An error means that this side broke the protocol.
  Result<> receive(Side from, MutableBytes packet);
  // The user's transport has room again.
  void drained() { local_.drained(); }

  // Asks a side for a sign of life; the answer is swallowed.
  void ping(Side side);
  // Writes text to standard error: one line, or several with a `\n` between them. What her window does not cover is
  // left out.
  void say(std::string_view text, Audience audience);

  // Asks the user's client for a channel to the agent it has offered to forward (draft-ietf-sshm-ssh-agent
  // section 4.2); await opened() of it. It must be destroyed before the relay. Null: there can be none now.
  [[nodiscard]] std::unique_ptr<LocalChannel> open_agent();

  [[nodiscard]] bool has_channels() const { return !channels_.empty(); }
  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  // Those of them that the user has opened and the bastion serves, tunnels among them.
  [[nodiscard]] std::size_t served() const;
  [[nodiscard]] Traffic traffic() const;

 private:
  friend class ChannelOffer;
  friend class SessionOffer;
  friend class LocalSession;

  enum class Phase : std::uint8_t { idle, waiting, connected, refusing };

  // A CHANNEL_OPEN or GLOBAL_REQUEST on its way to the container. Their order counts: no-more-sessions@openssh.com
  // comes right behind the session it lets pass.
  struct Held {
    std::optional<std::uint32_t> channel{};
    ByteVector packet{};
  };

  // What one session may have us hold while its container is being reached, and what may wait for windows.
  static constexpr std::size_t kMaxKept = 256 * 1024;
  static constexpr std::size_t kMaxWaiting = 256 * 1024;
  static constexpr const char* kTooMuch = "too much was sent before the container was reached";

  [[nodiscard]] PacketSink& sink(Side side) { return side == Side::user ? user_ : *container_; }
  [[nodiscard]] Asked& asked(Side side) { return side == Side::user ? asked_user_ : asked_container_; }

  // Global requests (relay_global_requests.cpp).
  Result<> on_global_request(Side from, const GlobalRequest& request, Bytes packet);
  Result<> on_global_request_of_user(const GlobalRequest& request, Bytes packet);
  Result<> on_global_reply(Side from, Bytes packet);
  void forward_global(Bytes packet, const GlobalRequest& request);

  // Opening a channel (relay_opening.cpp).
  Result<> on_open(Side from, const ChannelOpen& open, Bytes packet);
  Result<> on_confirmation(Side from, const ChannelOpenConfirmation& confirmation);
  Result<> on_open_failure(Side from, const ChannelOpenFailure& failure, MutableBytes packet);
  Result<> relay(Side from, const ChannelOpen& open, Bytes packet);
  Result<> serve(const ChannelOpen& open, Bytes packet);
  std::pair<std::uint32_t, RelayedChannel*> add(Side from, const ChannelOpen& open, RelayedChannel::Course course);
  void confirm_early(std::uint32_t number, RelayedChannel& channel);
  void forward_open(std::uint32_t number, RelayedChannel& channel, const ChannelOpen& open);
  void begin_observation(RelayedChannel& channel, const ChannelOpen& open);

  // Messages of a channel that is there (relay_channel_messages.cpp).
  Result<> on_channel_message(Side from, const Message& message, MutableBytes packet);
  Result<> on_undecided(std::uint32_t number, RelayedChannel& channel, const Message& message, MutableBytes packet);
  // A request of an undecided session before its start: answers it. Says whether it is to be kept.
  bool answer_early(RelayedChannel& channel, const ChannelRequest& request);
  // The container's answer to one of those.
  void hear_early_answer(std::uint32_t number, RelayedChannel& channel, const Message& answer);
  Result<> on_served(std::uint32_t number, RelayedChannel& channel, const Message& message, MutableBytes packet);
  Result<> on_relayed(Side from, std::uint32_t number, RelayedChannel& channel, const Message& message,
                      MutableBytes packet);
  Result<> on_window_adjust(Side from, RelayedChannel& channel, const ChannelWindowAdjust& adjust);
  Result<> on_session_request(std::uint32_t number, RelayedChannel& channel, const ChannelRequest& request,
                              MutableBytes packet);
  // A session is about to start in the container.
  Result<> pass_variable(RelayedChannel& channel);
  Result<> pass_request(RelayedChannel& channel, MutableBytes packet);
  Result<> refuse_request(RelayedChannel& channel, const ChannelRequest& request, const std::string& why);
  Result<> keep(std::uint32_t number, RelayedChannel& channel, const Message& message, Bytes packet);
  // `answers`: whether the container is to say whether it starts.
  void set_filter(RelayedChannel& channel, std::unique_ptr<ChannelFilter> filter, bool answers);
  // Data of a channel that has a filter.
  Result<> filter(Side from, std::uint32_t number, RelayedChannel& channel, const Message& message,
                  MutableBytes packet);
  // One message of a channel to one end of it.
  Result<> forward(Side to, RelayedChannel& channel, const Message& message, MutableBytes packet);

  // The end of a channel (relay_ending.cpp).
  void refuse_channel(std::uint32_t number, const std::string& sentence, std::uint32_t status);
  // The container's answer to a request of the session is here. Says whether it was to a start that was refused: then
  // the session has ended.
  bool ends_with_answer(std::uint32_t number, RelayedChannel& channel);
  // Ends a session that is open to both sides: the user is told, as the channel's refusal has it.
  void end_session(std::uint32_t number, RelayedChannel& channel);
  void forget(std::uint32_t number);
  void remove_if_over(std::uint32_t number);

  // Notices: text of ours (relay_notices.cpp).
  void say_postponed();
  void write_text(RelayedChannel& channel, std::string_view text);

  // What waits for the container (relay_container.cpp).
  void want_container();
  Result<> hold(std::optional<std::uint32_t> channel, Bytes packet);
  void flush_held();
  [[nodiscard]] bool is_undecided(std::uint32_t number);
  // Nothing that another channel has to wait behind.
  [[nodiscard]] bool nothing_waits();
  void forget_held(std::uint32_t number);

  // What offers and local sessions come to (relay_offers.cpp).
  [[nodiscard]] std::unique_ptr<LocalChannel> accept_channel(std::uint32_t number);
  void refuse_channel_offer(std::uint32_t number, OpenFailureCode code, std::string_view why);
  void pass_session(std::uint32_t number);
  [[nodiscard]] std::unique_ptr<LocalChannel> serve_session(std::uint32_t number, std::uint32_t window);
  void pass_served_session(std::uint32_t number, LocalChannel& local);
  void refuse_session(std::uint32_t number, const std::string& sentence, std::uint32_t status);

  PacketSink& user_;
  PacketSink* container_ = nullptr;
  Delegate& delegate_;

  Phase phase_ = Phase::idle;
  std::string sentence_;  // while refusing
  std::uint32_t status_ = 0;
  std::deque<Held> held_;
  Budget kept_{kMaxKept};

  ByteVector variable_;  // the request that sets it; empty for none
  PermittedOpens permitted_;
  OwedReplies owed_user_;
  Asked asked_user_;
  Asked asked_container_;

  ChannelTable channels_;
  LocalChannels local_;
  Budget waiting_{kMaxWaiting};
  std::uint64_t from_user_ = 0;
  std::uint64_t from_container_ = 0;

  std::vector<std::string> postponed_;
};

}  // namespace bastion::connection
