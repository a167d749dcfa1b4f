#include "bastion/admin/local_door.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bastion/loop/file_lock.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_wire.h"

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
  Desk::Errand errand;
  Paper paper;
};

Json input_of(const Desk::Errand& errand) {
  const auto text = errand.input.text();
  return text ? Json(*text) : Json();
}

std::string line_of(const Desk::Errand& errand, const Paper& paper) {
  return Json{{"words", errand.words}, {"keys", errand.keys},      {"input", input_of(errand)},
              {"again", errand.again}, {"columns", paper.columns}, {"coloured", paper.coloured}}
             .dump(-1, ' ', false, kReplace) +
         "\n";
}

// nlohmann throws where a member is of another kind; what does not come from us is no question.
std::optional<Question> question_in(std::string_view line) try {
  const auto json = Json::parse(line);
  Question question{.errand = {.words = json.at("words").get<std::vector<std::string>>()}, .paper = {}};
  question.errand.keys = json.value("keys", question.errand.keys);
  if (const auto& input = json.at("input"); input.is_string()) {
    question.errand.input = StandardInput(StandardInput::Kind::key);
    question.errand.input.add(input.get_ref<const std::string&>());
  }
  question.errand.again = json.value("again", false);
  question.paper = {.columns = json.value("columns", std::size_t{0}), .coloured = json.value("coloured", false)};
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

}  // namespace

class LocalDoor::Conversation final : private Wire::Reader {
 public:
  Conversation(LocalDoor& door, loop::Descriptor connection)
      : door_(door),
        wire_(std::make_unique<loop::TcpWire>(door.loop_, std::move(connection))),
        desk_(door.loop_, door.site_, std::nullopt) {
    wire_->read_to(this);
    wire_->resume();
  }
  ~Conversation() { wire_->read_to(nullptr); }
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
    desk_.on_paper(question->paper);
    desk_.run(std::move(question->errand), [this](const Outcome& outcome) { answer(outcome); });
  }
  void on_drained() override {}
  // The end of the file comes when the answer has been read; until then it means that nobody waits for one.
  void on_eof() override { over(); }
  void on_lost(const Error& /*why*/) override { over(); }

  void answer(const Outcome& outcome) {
    wire_->write(bytes_of(line_of(outcome)));
    wire_->end();
  }
  void over() {
    const auto found = std::ranges::find_if(door_.conversations_,
                                            [&](const auto& conversation) { return conversation.get() == this; });
    if (found == door_.conversations_.end()) return;
    door_.loop_.bury(std::move(*found));
    door_.conversations_.erase(found);
  }

  LocalDoor& door_;
  std::string question_;
  bool asked_ = false;
  std::unique_ptr<Wire> wire_;
  Desk desk_;
};

LocalDoor::LocalDoor(loop::Loop& loop, const Site& site) : loop_(loop), site_(site) {}

LocalDoor::~LocalDoor() = default;

Result<std::unique_ptr<LocalDoor>> LocalDoor::open(loop::Loop& loop, const Site& site,
                                                   const std::filesystem::path& file) {
  std::unique_ptr<LocalDoor> door(new LocalDoor(loop, site));
  auto listener = loop::LocalListener::open(
      loop, file, [door = door.get()](loop::Descriptor connection) { door->begin(std::move(connection)); });
  if (!listener) return std::unexpected(listener.error());
  door->listener_ = *std::move(listener);
  return door;
}

void LocalDoor::begin(loop::Descriptor connection) {
  conversations_.push_back(std::make_unique<Conversation>(*this, std::move(connection)));
}

Reply ask_local_door(const config::StateDir& state, const Desk::Errand& errand, const Paper& paper) {
  const auto connection = loop::connect_local(state.admin_socket());
  if (!connection) {
    const auto serves = loop::FileLock::is_taken(state.instance_lock());
    if (!serves) return CannotAsk{serves.error()};
    return *serves ? Reply(CannotAsk{connection.error()}) : Reply(NobodyServes{});
  }
  Outcome lost{Status::refused, {}, "the bastion has gone without an answer: `audit list` says whether it was done\n"};
  const auto question = line_of(errand, paper);
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
