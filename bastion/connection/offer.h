// Something the user has opened and the bastion is to answer itself. An offer is consumed by one of its words; one that
// is dropped refuses. The relay that made it must outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/connection/local_channel.h"
#include "bastion/connection/local_session.h"
#include "bastion/connection/session_start.h"

namespace bastion::connection {

class Relay;

class Offer {
 public:
  Offer(Offer&& other) noexcept : relay_(std::exchange(other.relay_, nullptr)), number_(other.number_) {}
  Offer& operator=(Offer&& other) = delete;

 protected:
  Offer(Relay& relay, std::uint32_t number) : relay_(&relay), number_(number) {}
  ~Offer() = default;
  // Null once it is consumed.
  [[nodiscard]] Relay* consume() { return std::exchange(relay_, nullptr); }
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  Relay* relay_;
  std::uint32_t number_;
};

// A channel that is not a session, before it is confirmed: a tunnel.
class ChannelOffer : public Offer {
 public:
  ChannelOffer(Relay& relay, std::uint32_t number) : Offer(relay, number) {}
  ChannelOffer(ChannelOffer&&) noexcept = default;
  ~ChannelOffer() { refuse(OpenFailureCode::administratively_prohibited, "the bastion has not answered"); }

  // Confirms it.
  [[nodiscard]] std::unique_ptr<LocalChannel> accept();
  // The user's client shows the text.
  void refuse(OpenFailureCode code, std::string_view why);
};

// A session that has said what it wants.
class SessionOffer : public Offer {
 public:
  SessionOffer(Relay& relay, std::uint32_t number, SessionStart start)
      : Offer(relay, number), start_(std::move(start)) {}
  SessionOffer(SessionOffer&&) noexcept = default;
  ~SessionOffer() { refuse("the bastion has not answered", 255); }

  [[nodiscard]] const SessionStart& start() const { return start_; }

  // Lets it go on to the container, as if nobody had asked.
  void pass();
  // Serves it here, unless the relay has refused everything: every request so far is granted. The user may send
  // `window` bytes before she hears from us.
  [[nodiscard]] std::unique_ptr<LocalSession> serve(std::uint32_t window);
  // The sentence on standard error, and the exit status.
  void refuse(const std::string& sentence, std::uint32_t status);

 private:
  SessionStart start_;
};

}  // namespace bastion::connection
