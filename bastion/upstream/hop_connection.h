// An authenticated connection to a backend, and the channels through it.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/task.h"
#include "bastion/connection/mux.h"
#include "bastion/transport/client_session.h"
#include "bastion/upstream/hop_choice.h"
#include "bastion/upstream/keepalive.h"
#include "bastion/upstream/line_gauge.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::upstream {

class HopConnection final : private transport::Session::Delegate {
 public:
  struct Settings {
    std::chrono::seconds keepalive_interval;
    int keepalive_count_max;
  };
  // How long a question may stay unanswered before newcomers are sent elsewhere. Those who are there already stay, as
  // long as the keepalive waits.
  static constexpr std::chrono::seconds kDoubtAfter{3};
  static constexpr std::chrono::milliseconds kTick{250};

  // `known_by` as LoggedIn has it; `before` is the hop this one runs through, if there is one.
  HopConnection(loop::Loop& loop, std::unique_ptr<transport::ClientSession> session, std::string name,
                std::string known_by, HopConnection* before, Settings settings);
  // Every channel opened through it must be gone.
  ~HopConnection();

  // `use` is that of the first holder; it is kept until nobody holds a channel, or nobody but for a question.
  // The channel becomes useful when its opened() says so; it must be destroyed before the hop. The hop itself is asked
  // for a sign of life meanwhile: the answer to the opening is up to the container's address, and may take its time.
  [[nodiscard]] std::unique_ptr<connection::LocalChannel> open(const Endpoint& to, Use use);
  // The same, to the backend itself: for a command there.
  [[nodiscard]] std::unique_ptr<connection::LocalChannel> open_session(Use use);
  // A session was opened, or refused by a peer that has opened others: as long as so many are open it gets no more.
  void session_opened() { has_had_sessions_ = true; }
  void session_refused();
  [[nodiscard]] bool takes(ChannelType type);

  // What was sshd's answer so long ago is taken to be so still: twice as long for each connection that was dialled for
  // another answer, so that whatever users ask for again and again, a backend is dialled for it ever less often.
  static constexpr std::chrono::seconds kYoung{5};
  static constexpr std::chrono::seconds kLongestYoung{300};
  // A command there has ended with a failure, or an opening was forbidden. sshd gives a connection the rights that the
  // account had when it began (its groups, its authorized_keys): where this one is not young, newcomers with the same
  // want get another one.
  void failed_by_rights(ChannelType type, std::chrono::milliseconds now) {
    if (now - began_ >= young_for_) outdated_.insert(type);
  }
  // It is in the place of an outdated one.
  void come_after(const HopConnection& outdated) {
    young_for_ = std::max(young_for_, std::min(2 * outdated.young_for_, kLongestYoung));
  }
  [[nodiscard]] bool is_outdated(ChannelType type) const { return outdated_.contains(type); }
  [[nodiscard]] bool is_outdated() const { return !outdated_.empty(); }
  [[nodiscard]] bool has_had_sessions() const { return has_had_sessions_; }

  // How long it takes from here to its sshd and back; an error when it is lost meanwhile. The event may outlive the
  // hop.
  using RoundTrip = Event<Result<std::chrono::microseconds>>;
  [[nodiscard]] std::shared_ptr<RoundTrip> measure();

  // How long that took when it was last asked for a sign of life, for whatever reason.
  [[nodiscard]] std::optional<std::chrono::microseconds> latency() const { return latency_; }

  [[nodiscard]] bool lost() const { return lost_; }
  // It has not answered for a while, or what it was sent stands still, or so it is with one on the way to it. It may do
  // so yet.
  [[nodiscard]] bool suspect() const;
  // Of a lost or suspect hop: the name of the backend where it broke, which may be one on the way.
  [[nodiscard]] const std::string& lost_at() const;
  // The backend's.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& known_by() const { return known_by_; }

  // For the keepalive of what is reached through it.
  [[nodiscard]] Keepalive::Carrier carrier() {
    return {.heard = [this] { return session_->heard(); }, .ask = [this] { ask(); }};
  }
  // Channels somebody still holds, dead or alive.
  [[nodiscard]] std::size_t holders() const { return mux_.holders(); }
  [[nodiscard]] HopLoad load() const;
  // For how long nobody has held a channel of it.
  [[nodiscard]] std::chrono::milliseconds idle() const;
  // Whether it said anything between the last two ticks.
  [[nodiscard]] bool answered() const { return answered_; }
  // To be called every kTick: load(), idle() and answered() look at the time between, and what the channels may have on
  // their way follows what the line was able to carry.
  void tick();

 private:
  struct Measurement {
    std::uint64_t number = 0;  // of the question, as the Mux counts them
    std::chrono::microseconds began{};
    std::shared_ptr<RoundTrip> took = nullptr;  // whom it is for; null: nobody but the line
    LineGauge::Line found{};                    // by the question
  };
  struct Question {
    std::chrono::milliseconds asked{};
    std::uint64_t heard = 0;  // by the session until then: more means that it was answered
  };

  void on_message(MutableBytes packet) override;
  void on_drained() override { mux_.drained(); }
  void on_lost(const transport::Loss& loss) override;
  void ask();
  void hold(Use use);
  [[nodiscard]] std::size_t open_sessions();
  void follow(LineGauge::Then then);
  // Whether what is sent stands still, for newcomers and for the log.
  void watch_delivery();
  [[nodiscard]] std::size_t on_its_way() const;
  void settle_measurements();
  void fail_measurements(const std::string& why);
  [[nodiscard]] std::uint64_t moved() const { return session_->heard() + session_->said(); }
  void end(const std::string& why);

  loop::Loop& loop_;
  std::unique_ptr<transport::ClientSession> session_;
  std::string name_;
  std::string known_by_;
  const HopConnection* before_;
  connection::Mux mux_;
  Keepalive keepalive_;
  std::optional<Question> question_;
  std::deque<Measurement> measurements_;
  std::optional<std::chrono::microseconds> latency_;
  LineGauge line_;
  Use use_ = Use::anything;
  std::vector<std::uint32_t> sessions_;       // channels that are open, or were when it was last looked
  std::optional<std::size_t> most_sessions_;  // the peer has refused one more
  bool has_had_sessions_ = false;
  std::chrono::milliseconds began_;
  std::chrono::seconds young_for_ = kYoung;
  std::set<ChannelType> outdated_;
  std::chrono::milliseconds held_at_;
  std::uint64_t moved_at_tick_ = 0;
  std::uint64_t heard_at_tick_ = 0;
  bool answered_ = false;
  ByteStream::Delivery delivery_ = ByteStream::Delivery::flows;  // at the last tick
  bool lost_ = false;
};

}  // namespace bastion::upstream
