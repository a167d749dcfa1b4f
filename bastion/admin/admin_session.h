// A session in service in which commands are given, whatever kind it is: output, the end, and what a user may do
// meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bastion/admin/command_executor.h"
#include "bastion/admin/pager.h"
#include "bastion/admin/top_look.h"
#include "bastion/session/admin_endpoint.h"

namespace bastion::admin {

class AdminSession : public session::AdminEndpoint::Session, protected ByteStream::Reader {
 public:
  AdminSession(session::AdminEndpoint::Client client, const Site& site,
               std::unique_ptr<connection::LocalSession> session, std::function<void()> on_over);
  ~AdminSession() override;
  AdminSession(const AdminSession&) = delete;
  AdminSession& operator=(const AdminSession&) = delete;

  void start() override;
  void leave(const std::string& line, std::uint32_t status) override;

 protected:
  static constexpr char kInterrupt = 0x03;  // Ctrl-C

  // The first thing that happens: before anything is read.
  virtual void begin() = 0;
  virtual void on_input(std::string_view text) = 0;
  virtual void on_input_end() = 0;
  // What its terminal is, for answers; plain where it has none.
  [[nodiscard]] OutputFormat format() const;
  // What its terminal can show, for screens.
  [[nodiscard]] TopLook look() const;
  [[nodiscard]] ScreenSize screen_size() const;
  // There is room for more output.
  virtual void on_room() {}
  // The last thing that is written is what is written here.
  virtual void on_exit() {}
  // What comes next is to be read on the screen that was there before.
  virtual void give_back_screen() {}

  // What was typed, as the table of commands has it.
  [[nodiscard]] std::vector<std::string> meant(std::vector<std::string> words) const;
  [[nodiscard]] session::AdminEndpoint::Door door() const { return door_; }

  [[nodiscard]] CommandExecutor& executor() { return executor_; }
  [[nodiscard]] connection::LocalSession& session() { return *session_; }
  [[nodiscard]] bool has_terminal() const { return session_->start().terminal.has_value(); }
  [[nodiscard]] bool has_room() const { return session_->stream().backlog() <= ByteStream::kHighWater; }
  // A terminal that is raw gets its carriage returns.
  void print(std::string_view text);
  // It has them already.
  void print_raw(std::string_view text) { session_->stream().write(bytes_of(text)); }
  void print_error(std::string_view text);
  // Input waits in the user's window.
  void pause_input();
  void resume_input();
  // The session is over when everything has been sent. Nothing is read any more.
  void exit(std::uint32_t status);
  [[nodiscard]] bool exiting() const { return exiting_; }

 private:
  void on_bytes(MutableBytes bytes) final;
  void on_drained() final;
  void on_eof() final;
  void on_lost(const Error& why) final;
  void over();

  std::unique_ptr<connection::LocalSession> session_;
  session::AdminEndpoint::Door door_;
  std::function<void()> on_over_;
  CommandExecutor executor_;
  bool paused_ = false;
  bool exiting_ = false;
};

}  // namespace bastion::admin
