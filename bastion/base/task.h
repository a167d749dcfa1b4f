// A coroutine that is owned. A sequence (authenticate, dial, log in, relay) reads straight down; whoever holds the Task
// owns the sequence, and destroying the Task destroys the frame with everything in it. Nothing is ever detached.
//
//   Task<Result<int>> child();
//   Task<void> parent() { auto value = co_await child(); }
//
// Rules that make cancellation safe:
//  - a Task starts when it is awaited, or by start(on_done) at the outermost level;
//  - an awaiter deregisters itself in its destructor, so a destroyed frame is never resumed;
//  - a Task must not be destroyed from inside its own frame: on_done is for noting the end, the owner deletes it later
//  (Loop::defer_delete).
//  - arguments of an awaited call are named values: GCC 12 destroys a braced temporary among them twice.
// One thread only. Errors are values; an exception that nobody expected leaves through whoever resumed the sequence,
// which never ends then: contained.h catches it where the loop called, and its owner destroys it as it would any other.
#pragma once

#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace bastion {

template <typename T = void>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation;
  std::function<void()> on_done;

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      auto& promise = done.promise();
      if (promise.continuation) return promise.continuation;
      if (promise.on_done) promise.on_done();
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const { throw; }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  void return_value(T result) { value.emplace(std::move(result)); }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { reset(); }

  // Runs the outermost sequence up to its first wait. `on_done` is called from inside the frame at its very end.
  void start(std::function<void()> on_done) {
    handle_.promise().on_done = std::move(on_done);
    handle_.resume();
  }
  [[nodiscard]] bool done() const { return handle_ && handle_.done(); }
  [[nodiscard]] T take() { return handle_.promise().take(); }

  // Cancels: the frame and all it holds are destroyed now.
  void reset() {
    if (auto handle = std::exchange(handle_, nullptr)) handle.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <typename T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>{std::coroutine_handle<Promise<T>>::from_promise(*this)};
}

inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>{std::coroutine_handle<Promise<void>>::from_promise(*this)};
}

// One value that sequences wait for. The side that knows calls set(); any number of coroutines await the event and each
// gets a copy. The Event must outlive the waits; a waiter whose frame is destroyed simply is not resumed any more.
template <typename T>
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // The first value counts; later ones are dropped. Resumes the waiters before it returns.
  void set(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    // A waiter may destroy the event if it is the only one: nothing is touched after the last resumption.
    for (bool more = !waiters_.empty(); more;) {
      auto* waiter = waiters_.front();
      waiters_.erase(waiters_.begin());
      more = !waiters_.empty();
      waiter->handle_.resume();
    }
  }
  [[nodiscard]] bool is_set() const { return value_.has_value(); }

  auto operator co_await() { return Awaiter{*this}; }

 private:
  struct Awaiter {
    explicit Awaiter(Event& event) : event_(event) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() { std::erase(event_.waiters_, this); }
    [[nodiscard]] bool await_ready() const { return event_.is_set(); }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      event_.waiters_.push_back(this);
    }
    T await_resume() { return *event_.value_; }

    Event& event_;
    std::coroutine_handle<> handle_;
  };

  std::optional<T> value_;
  std::vector<Awaiter*> waiters_;
};

// Values handed one by one to the one coroutine that asks for the next.
template <typename T>
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void push(T value) {
    values_.push_back(std::move(value));
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->handle_.resume();
  }

  auto next() { return Awaiter{*this}; }

 private:
  struct Awaiter {
    explicit Awaiter(Stream& stream) : stream_(stream) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      if (stream_.waiter_ == this) stream_.waiter_ = nullptr;
    }
    [[nodiscard]] bool await_ready() const { return !stream_.values_.empty(); }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      stream_.waiter_ = this;
    }
    T await_resume() {
      T value = std::move(stream_.values_.front());
      stream_.values_.pop_front();
      return value;
    }

    Stream& stream_;
    std::coroutine_handle<> handle_;
  };

  std::deque<T> values_;
  Awaiter* waiter_ = nullptr;
};

}  // namespace bastion
