#include "bastion/admin/local_endpoint.h"

#include <sys/socket.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bastion/base/standard_output.h"
#include "bastion/loop/file_lock.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;

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

// What is said before the answer goes to whoever waits for that.
bool is_progress(std::string_view line) try {
  const auto json = Json::parse(line);
  const auto said = json.find("progress");
  if (said == json.end()) return false;
  write_err(said->get_ref<const std::string&>());
  return true;
} catch (const Json::exception&) {
  return false;
}

// Who is at the other end, as the kernel has it from the moment they connected (unix(7), SO_PEERCRED).
std::optional<uid_t> uid_of_peer(const loop::Descriptor& connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace

class LocalEndpoint::Conversation final : public LineConversation {
 public:
  Conversation(LocalEndpoint& endpoint, std::optional<uid_t> uid, loop::Descriptor connection)
      : LineConversation(endpoint.conversations_, std::move(connection)),
        uid_(uid),
        executor_(loop(), endpoint.site_, std::nullopt) {
    executor_.on_progress(
        [this](const std::string& line) { say(Json{{"progress", line}}.dump(-1, ' ', false, kReplace) + "\n"); });
  }

 private:
  void on_question(std::string_view line) override {
    auto question = question_in(line);
    if (!question) return answer(line_of(Outcome{Status::usage, {}, "this is no question\n"}));
    executor_.set_format(question->format);
    question->job.uid = uid_;
    executor_.run(std::move(question->job), [this](const Outcome& outcome) { answer(line_of(outcome)); });
  }

  std::optional<uid_t> uid_;
  CommandExecutor executor_;
};

LocalEndpoint::LocalEndpoint(loop::Loop& loop, const Site& site) : site_(site), conversations_(loop) {}

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
  const auto uid = uid_of_peer(connection);
  conversations_.add(std::make_unique<Conversation>(*this, uid, std::move(connection)));
}

Reply ask_local_endpoint(const config::StateDir& state, const CommandExecutor::Job& job, const OutputFormat& format) {
  const auto connection = loop::connect_local(state.admin_socket());
  if (!connection) {
    const auto serves = loop::FileLock::is_taken(state.instance_lock());
    if (!serves) return CannotAsk{serves.error()};
    return *serves ? Reply(CannotAsk{connection.error()}) : Reply(NobodyServes{});
  }
  Outcome lost{Status::refused, {}, "the bastion has gone without an answer: `audit list` says whether it was done\n"};
  const auto answer = ask_line(*connection, line_of(job, format), std::string::npos, is_progress);
  return answer ? outcome_in(*answer).value_or(lost) : lost;
}

}  // namespace bastion::admin
