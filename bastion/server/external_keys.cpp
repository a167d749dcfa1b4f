#include "bastion/server/external_keys.h"

#include <optional>
#include <utility>

#include "bastion/access/printed_keys.h"
#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/hooks/hook_runner.h"
#include "bastion/loop/pause.h"
#include "bastion/loop/work.h"
#include "bastion/transport/keys.h"

namespace bastion::server {
namespace {

using std::chrono::milliseconds;

// Before it has run for the first time.
constexpr milliseconds kAtFirst{20};
constexpr std::size_t kLongestKey = std::size_t{12} * 1024;
constexpr std::size_t kLongestFailure = 500;

// `type base64`, without a comment.
std::string base64_of(const PublicKey& key) {
  const auto line = transport::to_line(key, {});
  const auto from = line.find(' ');
  return from == std::string::npos ? std::string{} : line.substr(from + 1, line.find(' ', from + 1) - from - 1);
}

Result<std::shared_ptr<const access::PrintedKeys>> parsed(const std::string& text) {
  return std::make_shared<const access::PrintedKeys>(access::parse_printed_keys(text));
}

}  // namespace

// Belongs to the asker's thread; so does what it shares with the answer.
class ExternalKeyProgram::Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { *here_ = nullptr; }

  [[nodiscard]] OnAnswer answer_for(loop::Loop& asker) const {
    return [&asker, here = here_](Answer answer) {
      asker.post([here, answer = std::move(answer)]() mutable {
        if (*here != nullptr) std::exchange(*here, nullptr)->over_.set(std::move(answer));
      });
    };
  }
  [[nodiscard]] Event<Answer>& over() { return over_; }

 private:
  Event<Answer> over_;
  std::shared_ptr<Waiter*> here_ = std::make_shared<Waiter*>(this);
};

Result<std::unique_ptr<ExternalKeyProgram>> ExternalKeyProgram::make(const Place& place, const config::Config& config) {
  auto command = parse_key_command(config.authorized_keys_command);
  if (!command) return fail("authorized_keys_command: {}", command.error().text);
  if (!command->is_set()) return nullptr;
  if (const auto fits = hooks::must_be_program_of_root(command->words.front()); !fits) {
    log::error("authorized_keys_command is not asked: {}", fits.error().text);
  }
  return std::unique_ptr<ExternalKeyProgram>(new ExternalKeyProgram(place, config, *std::move(command)));
}

ExternalKeyProgram::ExternalKeyProgram(const Place& place, const config::Config& config, KeyCommand command)
    : place_(place),
      command_(std::move(command)),
      within_(config.authorized_keys_timeout),
      block_(config.source_block),
      questions_(config.authorized_keys_cache),
      last_took_(kAtFirst) {}

Task<auth::ExternalKeys::Answer> ExternalKeyProgram::ask(loop::Loop& loop, Asked asked) {
  Question question{.tokens = {.user = std::move(asked.user),
                               .fingerprint = transport::fingerprint(asked.shown.blob),
                               .type = asked.shown.type,
                               .base64 = base64_of(asked.shown)},
                    .is_somebody = asked.is_somebody,
                    .from_host = std::move(asked.from_host)};
  if (question.tokens.base64.size() > kLongestKey) co_return fail("the key is too long to be asked about");
  Waiter waiter;
  place_.home.post(
      [this, question = std::move(question), on_answer = waiter.answer_for(loop)] { begin(question, on_answer); });
  co_return co_await waiter.over();
}

std::optional<Network> ExternalKeyProgram::source_of(const std::string& host) const {
  const auto address = address_of(host);
  if (!address) return std::nullopt;
  return Network::around(*address, static_cast<std::size_t>(address->is_ipv4() ? block_.ipv4 : block_.ipv6));
}

void ExternalKeyProgram::begin(const Question& question, const OnAnswer& on_answer) {
  // Whether there is such a user may change while an answer is kept.
  std::string key = question.is_somebody ? "+" : "-";
  for (const auto& word : expanded(command_, question.tokens)) key += word + '\0';
  switch (questions_.ask(key, source_of(question.from_host), place_.home.now())) {
    case KeyQuestions::Then::known: return on_answer(questions_.answer(key));
    // Whoever asks so much is told nothing, and has it counted as any other wrong key.
    case KeyQuestions::Then::refuse_source: return on_answer(std::make_shared<const access::PrintedKeys>());
    case KeyQuestions::Then::refuse: return on_answer(fail("too many wait for an answer"));
    case KeyQuestions::Then::waits: break;
  }
  asked_.try_emplace(key, question);
  waiting_[key].push_back(on_answer);
  go_on();
}

void ExternalKeyProgram::go_on() {
  while (auto key = questions_.next()) {
    const auto place = runs_.emplace(runs_.end(), std::make_unique<Task<>>(run(*std::move(key))));
    (*place)->start([this, place] {
      place_.home.defer_delete(std::move(*place));
      runs_.erase(place);
    });
  }
}

Task<> ExternalKeyProgram::run(std::string key) {
  const auto question = asked_.at(key);
  const auto began = loop::Loop::instant();
  std::optional<Answer> answer;
  if (question.is_somebody) {
    answer = co_await print(question);
    note(question, *answer, loop::Loop::instant() - began);
  } else {
    answer = co_await pretend();
  }
  questions_.over(key, *answer, place_.home.now());
  asked_.erase(key);
  auto waiting = waiting_.extract(key);
  if (!waiting.empty()) {
    for (const auto& on_answer : waiting.mapped()) on_answer(*answer);
  }
  go_on();
}

Task<auth::ExternalKeys::Answer> ExternalKeyProgram::print(const Question& question) {
  auto running = place_.runner.run(place_.home, question.tokens, within_);
  if (!running) co_return std::unexpected(std::move(running.error()));
  auto text = co_await (*running)->over();
  place_.home.defer_delete(*std::move(running));
  if (!text) co_return std::unexpected(std::move(text.error()));
  Event<Answer> over;
  const loop::Work work(
      place_.home, place_.executor,
      [text = *std::move(text), &over]() -> loop::Work::Then {
        return [keys = parsed(text), &over]() mutable { over.set(std::move(keys)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  co_return co_await over;
}

Task<auth::ExternalKeys::Answer> ExternalKeyProgram::pretend() {
  co_await loop::pause(place_.home, last_took_);
  if (!last_failure_.empty()) co_return std::unexpected(Error{last_failure_});
  co_return std::make_shared<const access::PrintedKeys>();
}

void ExternalKeyProgram::note(const Question& question, const Answer& answer, std::chrono::microseconds took) {
  last_took_ = std::chrono::ceil<milliseconds>(took);
  last_failure_ = answer ? std::string{} : answer.error().text;
  if (!answer) {
    log::warning("authorized_keys_command has not said which keys a user has: user={} detail={:?}",
                 question.tokens.user, printable_on_one_line(last_failure_, kLongestFailure));
  } else if ((*answer)->left_out > 0) {
    log::warning("authorized_keys_command has printed lines that let nobody in: user={} lines={} first={:?}",
                 question.tokens.user, (*answer)->left_out, printable_on_one_line((*answer)->why, kLongestFailure));
  }
}

}  // namespace bastion::server
