#include "bastion/admin/local_top.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "bastion/admin/top.h"
#include "bastion/base/standard_output.h"
#include "bastion/base/thread.h"

namespace bastion::admin {
namespace {

using TopJob = CommandExecutor::Job;

constexpr std::string_view kPasteBegins = "\x1b[?2004h";
constexpr std::string_view kPasteEnds = "\x1b[?2004l";

// Written to by signals and by the thread that asks; never closed, because both may still come.
std::array<int, 2> top_pipe{-1, -1};
std::atomic<int> top_signal{0};  // that ends it

void wake_top() {
  const char byte = 0;
  std::ignore = ::write(top_pipe[1], &byte, 1);
}

extern "C" void on_top_signal(int number) {
  if (number != SIGWINCH) top_signal = number;
  const int before = errno;
  wake_top();
  errno = before;
}

// What is asked, on a thread of its own: whoever serves may take a second, and keys are read meanwhile.
class TopAsker {
 public:
  explicit TopAsker(std::function<Outcome(TopJob)> run) : run_(std::move(run)) {}

  void ask(TopJob job) {
    const std::scoped_lock lock(mutex_);
    jobs_.push_back(std::move(job));
    more_.notify_one();
  }
  [[nodiscard]] std::optional<std::pair<TopJob, Outcome>> take() {
    const std::scoped_lock lock(mutex_);
    if (done_.empty()) return std::nullopt;
    auto first = std::move(done_.front());
    done_.pop_front();
    return first;
  }
  // Never returns.
  void work() {
    while (true) {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [this] { return !jobs_.empty(); });
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      auto outcome = run_(job);
      lock.lock();
      done_.emplace_back(std::move(job), std::move(outcome));
      lock.unlock();
      wake_top();
    }
  }

 private:
  std::function<Outcome(TopJob)> run_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<TopJob> jobs_;                      // guarded by mutex_
  std::deque<std::pair<TopJob, Outcome>> done_;  // so too
};

// The terminal as it was, at the end of its life.
class RawTerminal {
 public:
  RawTerminal() {
    known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    auto raw = before_;
    ::cfmakeraw(&raw);
    if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    std::ignore = write_out(std::string(ScreenDifferences::enter()) + std::string(kPasteBegins));
  }
  ~RawTerminal() {
    std::ignore = write_out(std::string(kPasteEnds) + std::string(ScreenDifferences::leave()));
    if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  bool known_ = false;
  termios before_{};
};

class TopSignals {
 public:
  TopSignals() {
    struct sigaction action{};
    action.sa_handler = on_top_signal;
    for (std::size_t i = 0; i < kNumbers.size(); ++i) {
      // Another size is no reason to give up what is being written; whoever ends it is not to wait for that.
      action.sa_flags = kNumbers.at(i) == SIGWINCH ? SA_RESTART : 0;
      ::sigaction(kNumbers.at(i), &action, &before_.at(i));
    }
  }
  ~TopSignals() {
    for (std::size_t i = 0; i < kNumbers.size(); ++i) ::sigaction(kNumbers.at(i), &before_.at(i), nullptr);
  }
  TopSignals(const TopSignals&) = delete;
  TopSignals& operator=(const TopSignals&) = delete;

 private:
  static constexpr std::array kNumbers{SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, kNumbers.size()> before_{};
};

ScreenSize top_screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

std::string environment_here(std::string_view name) {
  const auto* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string() : value;
}

// What the screen was left with: nothing, or why it does not go on.
using TopEnd = std::optional<Outcome>;

class LocalTop {
 public:
  LocalTop(TopAsker& asker, TopScreen& screen) : asker_(asker), screen_(screen) {}

  [[nodiscard]] TopEnd run() {
    ask();
    while (!is_left_ && !end_ && write_out(screen_.draw())) {
      const bool keys_came = wait();
      if (top_signal != 0) break;
      follow_size();
      hear();
      if (keys_came) read_keys();
      // Whoever serves takes a second for it: it looks twice.
      if (!asked_ && !screen_.is_paused()) ask();
    }
    return std::move(end_);
  }

 private:
  void ask() {
    asked_ = true;
    asker_.ask({.words = {"top", "--json"}, .again = std::exchange(again_, true)});
  }

  // Whether there are keys; otherwise a signal has come, or an answer.
  [[nodiscard]] static bool wait() {
    std::array<pollfd, 2> ready{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                pollfd{.fd = top_pipe[0], .events = POLLIN, .revents = 0}};
    if (::poll(ready.data(), ready.size(), -1) < 0) return false;
    std::array<char, 256> drained{};
    if (ready[1].revents != 0) std::ignore = ::read(top_pipe[0], drained.data(), drained.size());
    return ready[0].revents != 0;
  }

  void follow_size() {
    const auto now = top_screen_size();
    if (now.columns == size_.columns && now.rows == size_.rows) return;
    size_ = now;
    screen_.resize(now);
  }

  void hear() {
    while (const auto done = asker_.take()) {
      const auto& [job, outcome] = *done;
      if (job.words.front() != "top") {
        screen_.say(outcome.out + outcome.err);
        if (--ends_ == 0 && leaves_) end_ = outcome;
        continue;
      }
      asked_ = false;
      if (outcome.status != Status::done) end_ = outcome;
      if (auto overview = overview_in(outcome.out))
        screen_.show(std::make_shared<const Overview>(*std::move(overview)));
    }
  }

  void read_keys() {
    std::array<char, 4096> buffer{};
    const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) {
      is_left_ = true;
      return;
    }
    std::string_view keys(buffer.data(), static_cast<std::size_t>(count));
    do {
      follow(screen_.type(keys));
    } while (!keys.empty() && !is_left_);
  }

  void follow(TopScreen::Wish wish) {
    if (wish == TopScreen::Wish::kill) {
      ++ends_;
      asker_.ask({.words = {"session", "kill", screen_.victim()}});
    }
    if (wish != TopScreen::Wish::leave) return;
    is_left_ = ends_ == 0 || std::exchange(leaves_, true);
    screen_.say(Top::kStillEnds);
  }

  TopAsker& asker_;
  TopScreen& screen_;
  ScreenSize size_ = top_screen_size();
  bool asked_ = false;
  bool again_ = false;
  int ends_ = 0;         // sessions that are being ended
  bool leaves_ = false;  // when they have been
  bool is_left_ = false;
  TopEnd end_;
};

}  // namespace

int run_top_here(const std::function<Outcome(CommandExecutor::Job)>& run) {
  const auto terminal = environment_here("TERM");
  if (!knows_colours(terminal)) {
    write_err(std::string(Top::kNoScreen));
    return static_cast<int>(Status::refused);
  }
  if (::pipe2(top_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    write_err("bastion: there is no pipe left\n");
    return static_cast<int>(Status::refused);
  }
  // The thread goes with the process: it may wait for an answer when nobody does any more.
  const auto asker = std::make_shared<TopAsker>(run);
  auto thread = start_thread([asker] { asker->work(); });
  if (!thread) {
    write_err("bastion: " + thread.error().text + "\n");
    return static_cast<int>(Status::refused);
  }
  thread->detach();
  TopEnd end;
  {
    const TopSignals signals;
    const RawTerminal raw;
    TopScreen screen(look_of(terminal, environment_here), top_screen_size());
    end = LocalTop(*asker, screen).run();
  }
  if (const int number = top_signal; number != 0) return 128 + number;
  if (!end) return 0;
  std::ignore = write_out(end->out);
  write_err(end->err);
  return static_cast<int>(end->status);
}

}  // namespace bastion::admin
