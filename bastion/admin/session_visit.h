// A session of an administrator in service, whatever kind it is: output, the end, and what a user may do meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bastion/admin/desk.h"
#include "bastion/session/admin_door.h"

namespace bastion::admin {

class SessionVisit : public session::AdminDoor::Visit, protected Wire::Reader {
 public:
  SessionVisit(session::AdminDoor::Visitor visitor, const Site& site, std::unique_ptr<connection::LocalSession> session,
               std::function<void()> on_over);
  ~SessionVisit() override;
  SessionVisit(const SessionVisit&) = delete;
  SessionVisit& operator=(const SessionVisit&) = delete;

  void start() override;
  void leave(const std::string& line, std::uint32_t status) override;

 protected:
  // The first thing that happens: before anything is read.
  virtual void begin() = 0;
  virtual void on_input(std::string_view text) = 0;
  virtual void on_input_end() = 0;
  // What its terminal is, for answers; plain where it has none.
  [[nodiscard]] Paper paper() const;
  // There is room for more output.
  virtual void on_room() {}

  [[nodiscard]] Desk& desk() { return desk_; }
  [[nodiscard]] connection::LocalSession& session() { return *session_; }
  [[nodiscard]] bool has_terminal() const { return session_->start().terminal.has_value(); }
  [[nodiscard]] bool has_room() const { return session_->stream().backlog() <= Wire::kHighWater; }
  // A terminal that is raw gets its carriage returns.
  void print(std::string_view text);
  // It has them already.
  void print_raw(std::string_view text) { session_->stream().write(bytes_of(text)); }
  void print_error(std::string_view text);
  // Input waits in the user's window.
  void pause_input();
  void resume_input();
  // The visit is over when everything has been sent. Nothing is read any more.
  void exit(std::uint32_t status);
  [[nodiscard]] bool exiting() const { return exiting_; }

 private:
  void on_bytes(MutableBytes bytes) final;
  void on_drained() final;
  void on_eof() final;
  void on_lost(const Error& why) final;
  void over();

  std::unique_ptr<connection::LocalSession> session_;
  std::function<void()> on_over_;
  Desk desk_;
  bool paused_ = false;
  bool exiting_ = false;
};

}  // namespace bastion::admin
