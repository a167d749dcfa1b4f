#include "bastion/base/line_writer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "bastion/base/line_queue.h"

namespace bastion {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// After a descriptor said that it is ready and then took nothing.
constexpr milliseconds kSoon{10};
// After an error: nobody reads the pipe, the disk is full. That may change.
constexpr milliseconds kAgain{250};
// For a thread to notice that it is to end.
constexpr milliseconds kNotice{500};

bool is_socket(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

// A pipe that is ready takes PIPE_BUF bytes without blocking, and as a whole: other processes may write there too. So
// much, in whole lines; of a line that is longer, a part.
std::string_view piece_of(std::string_view text) {
  if (text.size() <= PIPE_BUF) return text;
  const auto line_end = text.rfind('\n', PIPE_BUF - 1);
  return text.substr(0, line_end == std::string_view::npos ? PIPE_BUF : line_end + 1);
}

}  // namespace

// What both threads know.
class LineWriter::Writing {
 public:
  Writing(int fd, std::size_t most, SayLost say_lost)
      : fd_(fd), is_socket_(is_socket(fd)), say_lost_(std::move(say_lost)), queue_(most) {
    if (stop_ < 0) throw std::system_error(errno, std::generic_category());
  }
  ~Writing() { ::close(stop_); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  [[nodiscard]] LineQueue& queue() { return queue_; }

  void run() {
    ::pthread_setname_np(::pthread_self(), "log");
    LineQueue::Batch batch;
    while (queue_.take(batch) && write_all(batch.text) && write_all(told_of(batch.lost))) {
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    end_.notify_one();
  }

  void stop(milliseconds within) {
    until_ = (Clock::now() + within).time_since_epoch().count();
    queue_.close();
    const std::uint64_t one = 1;
    std::ignore = ::write(stop_, &one, sizeof one);
  }
  // Whether the thread ended within that time.
  [[nodiscard]] bool ended(milliseconds within) {
    std::unique_lock lock(mutex_);
    return end_.wait_for(lock, within, [this] { return ended_; });
  }

 private:
  [[nodiscard]] std::string told_of(std::uint64_t lost) const {
    try {
      return lost == 0 ? std::string() : say_lost_(lost);
    } catch (const std::exception&) {  // no memory: then nobody is told
      return {};
    }
  }

  // False: it is time to end.
  [[nodiscard]] bool write_all(std::string_view text) {
    for (std::size_t done = 0; done < text.size();) {
      if (!wait_until_ready()) return false;
      const auto written = write_some(piece_of(text.substr(done)));
      if (written > 0) {
        done += static_cast<std::size_t>(written);
        continue;
      }
      const int error = written < 0 ? errno : 0;
      if (error == EINTR) continue;
      const bool may_change_soon = error == 0 || error == EAGAIN || error == EWOULDBLOCK;
      if (!may_change_soon && left()) return false;
      pause(may_change_soon ? kSoon : kAgain);
    }
    return true;
  }

  [[nodiscard]] ssize_t write_some(std::string_view piece) const {
    if (is_socket_) return ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return ::write(fd_, piece.data(), piece.size());
  }

  // What is left of the time to end in; nothing while it is not to end.
  [[nodiscard]] std::optional<milliseconds> left() const {
    const auto until = until_.load();
    if (until == 0) return std::nullopt;
    return std::chrono::ceil<milliseconds>(Clock::time_point(Clock::duration(until)) - Clock::now());
  }

  // Until the descriptor takes something. False: it is time to end.
  [[nodiscard]] bool wait_until_ready() const {
    for (;;) {
      const auto rest = left();
      if (rest && *rest <= milliseconds::zero()) return false;
      std::array<pollfd, 2> watched{pollfd{.fd = fd_, .events = POLLOUT, .revents = 0},
                                    pollfd{.fd = rest ? -1 : stop_, .events = POLLIN, .revents = 0}};
      const auto ready = ::poll(watched.data(), watched.size(), rest ? static_cast<int>(rest->count()) : -1);
      if (ready > 0 && watched[0].revents != 0) return true;
    }
  }
  void pause(milliseconds time) const {
    const auto rest = left();
    pollfd stop{.fd = rest ? -1 : stop_, .events = POLLIN, .revents = 0};
    const auto wait = std::clamp(rest.value_or(time), milliseconds::zero(), time);
    ::poll(&stop, 1, static_cast<int>(wait.count()));
  }

  const int fd_;
  const bool is_socket_;
  const SayLost say_lost_;
  LineQueue queue_;
  const int stop_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);  // readable: it is to end
  std::atomic<Clock::rep> until_ = 0;                          // 0: not yet
  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;
};

LineWriter::LineWriter(int fd, std::size_t most, SayLost say_lost)
    : writing_(std::make_shared<Writing>(fd, most, std::move(say_lost))) {
  // Signals are for threads that can do something about them.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([writing = writing_] { writing->run(); });
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() { close(milliseconds::zero()); }

void LineWriter::push(std::string_view line) noexcept { writing_->queue().push(line); }
void LineWriter::lose() noexcept { writing_->queue().lose(); }
std::uint64_t LineWriter::lost() const noexcept { return writing_->queue().lost(); }
bool LineWriter::idle() const noexcept { return writing_->queue().idle(); }

void LineWriter::close(milliseconds within) {
  if (!thread_.joinable()) return;
  writing_->stop(within);
  if (writing_->ended(within + kNotice)) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace bastion
