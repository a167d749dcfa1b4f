#include "bastion/admin/local_endpoint.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bastion/loop/file_lock.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestQuestion = 1024 * 1024;
constexpr auto kReplace = Json::error_handler_t::replace;

std::string line_of(const Outcome& outcome) {
  return Json{{"status", static_cast<int>(outcome.status)}, {"out", outcome.out}, {"err", outcome.err}}.dump(
             -1, ' ', false, kReplace) +
         "\n";
}

struct Question {
  CommandExecutor::Job job;
  OutputFormat format;
};

Json input_of(const CommandExecutor::Job& job) {
  const auto text = job.input.text();
  return text ? Json(*text) : Json();
}

std::string line_of(const CommandExecutor::Job& job, const OutputFormat& format) {
  return Json{{"words", job.words}, {"keys", job.keys},          {"input", input_of(job)},
              {"again", job.again}, {"columns", format.columns}, {"coloured", format.coloured}}
             .dump(-1, ' ', false, kReplace) +
         "\n";
}

// nlohmann throws where a member is of another kind; what does not come from us is no question.
std::optional<Question> question_in(std::string_view line) try {
  const auto json = Json::parse(line);
  Question question{.job = {.words = json.at("words").get<std::vector<std::string>>()}, .format = {}};
  question.job.keys = json.value("keys", question.job.keys);
  if (const auto& input = json.at("input"); input.is_string()) {
    question.job.input = StandardInput(StandardInput::Kind::key);
    question.job.input.add(input.get_ref<const std::string&>());
  }
  question.job.again = json.value("again", false);
  question.format = {.columns = json.value("columns", std::size_t{0}), .coloured = json.value("coloured", false)};
  return question;
} catch (const Json::exception&) {
  return std::nullopt;
}

// And back. Who answers may be another version of this program.
std::optional<Outcome> outcome_in(std::string_view line) try {
  const auto json = Json::parse(line);
  return Outcome{static_cast<Status>(json.value("status", 1)), json.value("out", ""), json.value("err", "")};
} catch (const Json::exception&) {
  return std::nullopt;
}

// Who is at the other end, as the kernel has it from the moment they connected (unix(7), SO_PEERCRED).
std::optional<uid_t> uid_of_peer(const loop::Descriptor& connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace

class LocalEndpoint::Conversation final : private ByteStream::Reader {
 public:
  Conversation(LocalEndpoint& endpoint, loop::Descriptor connection)
      : endpoint_(endpoint),
        uid_(uid_of_peer(connection)),
        stream_(std::make_unique<loop::TcpStream>(endpoint.loop_, std::move(connection))),
        executor_(endpoint.loop_, endpoint.site_, std::nullopt) {
    stream_->read_to(this);
    stream_->resume();
  }
  ~Conversation() { stream_->read_to(nullptr); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

 private:
  void on_bytes(MutableBytes bytes) override {
    if (asked_) return;
    question_ += text_of(bytes);
    const auto end = question_.find('\n');
    if (end == std::string::npos) {
      if (question_.size() > kLongestQuestion) over();
      return;
    }
    asked_ = true;
    auto question = question_in(std::string_view(question_).substr(0, end));
    if (!question) return answer({Status::usage, {}, "this is no question\n"});
    executor_.set_format(question->format);
    question->job.uid = uid_;
    executor_.run(std::move(question->job), [this](const Outcome& outcome) { answer(outcome); });
  }
  void on_drained() override {}
  // The end of the file comes when the answer has been read; until then it means that nobody waits for one.
  void on_eof() override { over(); }
  void on_lost(const Error& /*why*/) override { over(); }

  void answer(const Outcome& outcome) {
    stream_->write(bytes_of(line_of(outcome)));
    stream_->end();
  }
  void over() {
    const auto found = std::ranges::find_if(endpoint_.conversations_,
                                            [&](const auto& conversation) { return conversation.get() == this; });
    if (found == endpoint_.conversations_.end()) return;
    endpoint_.loop_.defer_delete(std::move(*found));
    endpoint_.conversations_.erase(found);
  }

  LocalEndpoint& endpoint_;
  std::optional<uid_t> uid_;
  std::string question_;
  bool asked_ = false;
  std::unique_ptr<ByteStream> stream_;
  CommandExecutor executor_;
};

LocalEndpoint::LocalEndpoint(loop::Loop& loop, const Site& site) : loop_(loop), site_(site) {}

LocalEndpoint::~LocalEndpoint() = default;

Result<std::unique_ptr<LocalEndpoint>> LocalEndpoint::open(loop::Loop& loop, const Site& site,
                                                           const std::filesystem::path& file) {
  std::unique_ptr<LocalEndpoint> endpoint(new LocalEndpoint(loop, site));
  auto listener = loop::LocalListener::open(
      loop, file, [endpoint = endpoint.get()](loop::Descriptor connection) { endpoint->begin(std::move(connection)); });
  if (!listener) return std::unexpected(listener.error());
  endpoint->listener_ = *std::move(listener);
  return endpoint;
}

void LocalEndpoint::begin(loop::Descriptor connection) {
  conversations_.push_back(std::make_unique<Conversation>(*this, std::move(connection)));
}

Reply ask_local_endpoint(const config::StateDir& state, const CommandExecutor::Job& job, const OutputFormat& format) {
  const auto connection = loop::connect_local(state.admin_socket());
  if (!connection) {
    const auto serves = loop::FileLock::is_taken(state.instance_lock());
    if (!serves) return CannotAsk{serves.error()};
    return *serves ? Reply(CannotAsk{connection.error()}) : Reply(NobodyServes{});
  }
  Outcome lost{Status::refused, {}, "the bastion has gone without an answer: `audit list` says whether it was done\n"};
  const auto question = line_of(job, format);
  for (std::string_view rest = question; !rest.empty();) {
    const auto sent = ::send(connection->get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) return lost;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  std::array<char, 16 * 1024> some{};
  for (;;) {
    const auto count = ::read(connection->get(), some.data(), some.size());
    if (count < 0) return lost;
    if (count == 0) break;
    answer.append(some.data(), static_cast<std::size_t>(count));
  }
  return outcome_in(answer).value_or(lost);
}

}  // namespace bastion::admin
