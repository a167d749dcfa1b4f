#include "bastion/wake/ssh_answers.h"

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/base/reason.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/container_reach.h"

namespace bastion::wake {
namespace {

constexpr std::chrono::milliseconds kForTheLine{2000};

class FirstBytes final : public ByteStream::Reader {
 public:
  FirstBytes(loop::Loop& loop, std::unique_ptr<ByteStream> stream)
      : stream_(std::move(stream)), too_late_(loop, [this] { is_ssh_.set(false); }) {
    too_late_.start(kForTheLine);
    stream_->read_to(this);
  }
  FirstBytes(const FirstBytes&) = delete;
  FirstBytes& operator=(const FirstBytes&) = delete;
  ~FirstBytes() { stream_->read_to(nullptr); }

  [[nodiscard]] Event<bool>& is_ssh() { return is_ssh_; }

 private:
  void on_bytes(MutableBytes bytes) override {
    constexpr std::string_view kLine = "SSH-";
    for (const auto byte : bytes) {
      if (said_.size() < kLine.size()) said_ += static_cast<char>(byte);
    }
    if (said_.size() == kLine.size()) is_ssh_.set(said_ == kLine);
  }
  void on_drained() override {}
  void on_eof() override { is_ssh_.set(false); }
  void on_lost(const Error& /*why*/) override { is_ssh_.set(false); }

  std::unique_ptr<ByteStream> stream_;
  std::string said_;
  Event<bool> is_ssh_;
  loop::Timer too_late_;
};

Task<std::expected<upstream::Reached, End>> reach(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                                  Wanted wanted) {
  constexpr auto kUse = upstream::Use::question;
  if (!wanted.command.empty()) {
    return reach_by_command(credentials, hops, std::move(wanted.way), kUse, std::move(wanted.command));
  }
  return upstream::reach(credentials, hops, std::move(wanted.way), kUse, std::move(wanted.at),
                         {Reason::container_unreachable, {}, {}});
}

}  // namespace

Task<bool> ssh_answers(const upstream::Credentials& credentials, upstream::HopPool& hops, Wanted wanted) {
  auto reached = co_await reach(credentials, hops, std::move(wanted));
  if (!reached) co_return false;
  auto first = std::make_unique<FirstBytes>(credentials.loop, std::move(reached->stream));
  const bool is_ssh = co_await first->is_ssh();
  credentials.loop.defer_delete(std::move(first));
  co_return is_ssh;
}

}  // namespace bastion::wake
