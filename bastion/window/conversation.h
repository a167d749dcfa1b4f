// One connection of a browser: requests one after the other, each of which is a file of the page or a command.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/command_executor.h"
#include "bastion/admin/watch.h"
#include "bastion/connection/local_channel.h"
#include "bastion/http/connection.h"
#include "bastion/loop/timer.h"
#include "bastion/session/window_endpoint.h"
#include "bastion/window/answers.h"
#include "bastion/window/limits.h"
#include "bastion/window/route.h"
#include "bastion/window/snapshot.h"

namespace bastion::window {

class BrowserConversation final : public session::WindowEndpoint::Conversation, private http::Connection::Delegate {
 public:
  // A request has to be whole so soon after the connection or the answer before it, and a last answer to be read.
  static constexpr std::chrono::minutes kLongestSilence{2};
  static constexpr std::chrono::seconds kLongestFarewell{10};
  static constexpr http::Limits kLimits{.head = 16 * 1024, .body = 64 * 1024};

  // All of it outlives the conversation, but for what the window was asked for by (session/window_endpoint.h).
  struct Surroundings {
    const admin::Site& site;
    const Place& place;
    Limits& limits;
    std::string asked;
  };

  BrowserConversation(Surroundings surroundings, session::AdminEndpoint::Client client, Limits::Seat seat,
                      std::unique_ptr<connection::LocalChannel> channel, session::WindowEndpoint::Events events);
  BrowserConversation(const BrowserConversation&) = delete;
  BrowserConversation& operator=(const BrowserConversation&) = delete;

  void start() override;

 private:
  using Door = session::AdminEndpoint::Door;

  void on_request(http::Request request) override;
  void on_answered() override { deadline_.start(kLongestSilence); }
  void on_sent() override;
  void on_over() override;

  void serve(const Refused& refused);
  void serve(const Asset* asset);
  void serve(const WhoRoute& who);
  void serve(const LiveRoute& live);
  void serve(const RunRoute& run);
  void serve(const RecordingRoute& recording);

  [[nodiscard]] bool has_role() const { return client_.door == Door::admin; }
  // Of whoever gives commands by this door; one at a time.
  [[nodiscard]] admin::CommandExecutor& executor(Door door);
  void run(Door door, admin::CommandExecutor::Job job, admin::CommandExecutor::OnOutcome on_outcome);
  void watch(std::vector<std::string> words, std::function<void(const admin::Outcome&)> show);
  void show(const admin::Outcome& outcome);
  void show_part(const admin::Outcome& outcome);

  Surroundings surroundings_;
  session::AdminEndpoint::Client client_;
  Limits::Seat seat_;
  std::unique_ptr<connection::LocalChannel> channel_;
  session::WindowEndpoint::Events events_;
  http::Connection http_;
  std::string body_;  // of the request that is answered
  std::unique_ptr<admin::CommandExecutor> executor_;
  std::unique_ptr<admin::CommandExecutor> own_executor_;
  // Of a page that is live.
  std::optional<Limits::Seat> live_seat_;
  Snapshots snapshots_;
  std::chrono::microseconds shown_at_{0};  // by Loop::instant()
  bool has_begun_ = false;                 // of a recording, some was sent
  std::unique_ptr<admin::Watch> watch_;
  loop::Timer deadline_;
};

}  // namespace bastion::window
