#include "bastion/admin/commands/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

using std::chrono::seconds;
using Verdict = Told::Verdict;
using Answered = Result<probe::Ordered>;

// The daemon downloads the image first.
constexpr seconds kToCreate{900};
// bastion-instances gives what runs in there half a minute to stop, and then stops it.
constexpr seconds kToChange{120};
constexpr seconds kToAsk{60};
// Beside what the command itself may take: the way to the backend.
constexpr seconds kToGetThere{60};

// Where the answer of another thread comes to, or that none will.
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { put(fail("the bastion is about to end")); }

  void put(Answered answered) {
    if (!std::exchange(is_full_, true)) answer_.set_value(std::move(answered));
  }
  [[nodiscard]] std::future<Answered> answer() { return answer_.get_future(); }

 private:
  bool is_full_ = false;
  std::promise<Answered> answer_;
};

// An order that is on its way.
class Errand {
 public:
  Errand(Context& context, const std::string& backend, std::string words, seconds within)
      : backend_(backend), within_(within + kToGetThere) {
    auto mailbox = std::make_shared<Mailbox>();
    answer_ = mailbox->answer();
    if (context.runtime == nullptr) {
      mailbox->put(fail("no running bastion uses this state directory, so nothing can be done on a backend"));
      return;
    }
    context.runtime->carry_out({.backend = backend, .words = std::move(words), .within = within},
                               [mailbox](Answered answered) { mailbox->put(std::move(answered)); });
  }

  [[nodiscard]] Told wait();

 private:
  std::string backend_;
  seconds within_;
  std::future<Answered> answer_;
};

// The exit statuses of bastion-instances, and what a shell and sshd say where there is none.
Verdict verdict_of(std::uint32_t status) {
  struct Row {
    std::uint32_t status;
    Verdict verdict;
  };
  constexpr std::array kTable{Row{0, Verdict::done},           Row{75, Verdict::not_yet},
                              Row{73, Verdict::there_already}, Row{69, Verdict::missing},
                              Row{126, Verdict::not_allowed},  Row{127, Verdict::not_allowed}};
  const auto* const row = std::ranges::find(kTable, status, &Row::status);
  return row == kTable.end() ? Verdict::failed : row->verdict;
}

std::string why(const probe::Ordered& ordered, const std::string& backend) {
  if (ordered.status == 127) {
    return fmt::format("backend {} has no bastion-instances, or no Incus and no LXD: {}", backend,
                       printable(ordered.complaint));
  }
  if (!ordered.complaint.empty()) return fmt::format("backend {}: {}", backend, printable(ordered.complaint));
  return fmt::format("bastion-instances on backend {} ended with status {}", backend, ordered.status);
}

Told Errand::wait() {
  auto ordered = answer_.wait_for(within_) == std::future_status::ready
                     ? answer_.get()
                     : Answered(fail("backend {}: no answer within {} s", backend_, within_.count()));
  if (!ordered) return {.verdict = Verdict::unknown, .out = {}, .why = std::move(ordered.error().text)};
  return {.verdict = verdict_of(ordered->status), .out = std::move(ordered->out), .why = why(*ordered, backend_)};
}

std::string new_mark() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::string_view word_of(Instance::Change change) {
  switch (change) {
    case Instance::Change::start: return "start";
    case Instance::Change::stop: return "stop";
    case Instance::Change::restart: return "restart";
    case Instance::Change::remove: break;
  }
  return "delete";
}

}  // namespace

Instance::Instance(Context& context, std::string backend, std::string name)
    : context_(context), backend_(std::move(backend)), name_(std::move(name)), mark_(new_mark()) {}

Result<> Instance::check_name(std::string_view name) {
  const bool is_one = !name.ends_with('-') && !name.contains('_') && !name.contains('.');
  if (is_one) return {};
  return fail("\"{}\" cannot be the name of an instance: small letters, digits, and '-' between them", name);
}

Told Instance::create(const InstancePlan& plan, const std::string& key) {
  project_ = plan.project;
  auto words = "bastion-instances create --mark " + mark_;
  if (!plan.image.empty()) words += " --image " + plan.image;
  for (const auto& profile : plan.profiles) words += " --profile " + profile;
  return tell(fmt::format("{}{} {} {} {}", words, in_project(), name_, plan.login, key), kToCreate);
}

Told Instance::remove_made() {
  return tell(fmt::format("bastion-instances delete --mark {}{} {}", mark_, in_project(), name_), kToChange);
}

// What an import would make of it.
Told Instance::address() {
  auto told = tell(fmt::format("bastion-instances list{} {}", in_project(), name_), kToAsk);
  if (!told.is_done()) return told;
  const auto imported = import_incus(told.out, {.backend = backend_, .owner = "nobody"});
  const auto failed = [&](std::string_view said) {
    return Told{.verdict = Verdict::not_yet, .out = {}, .why = fmt::format("backend {}: {}", backend_, said)};
  };
  if (!imported) return failed(imported.error().text);
  for (const auto& one : *imported->directory.containers) {
    if (one.name == name_) return {.verdict = Verdict::done, .out = one.address->host, .why = {}};
  }
  const auto skipped = std::ranges::find_if(
      imported->skipped, [&](const Skipped& one) { return one.name == name_ || one.name.starts_with(name_ + " "); });
  if (skipped == imported->skipped.end()) return failed(fmt::format("{} is not in its list", name_));
  return failed(fmt::format("{}: {}", name_, skipped->why));
}

Told Instance::host_keys() { return tell(fmt::format("bastion-instances host-key{} {}", in_project(), name_), kToAsk); }

Told Instance::push_key(const std::string& login, const std::string& key) {
  return tell(fmt::format("bastion-instances push-key --mark {}{} {} {} {}", mark_, in_project(), name_, login, key),
              kToAsk);
}

Told Instance::try_change(Change change) {
  return tell(fmt::format("bastion-instances {} --try {}", word_of(change), name_), kToAsk);
}

Told Instance::make(Change change) {
  return tell(fmt::format("bastion-instances {} {}", word_of(change), name_), kToChange);
}

std::string Instance::removing_command() const { return fmt::format("incus delete --force{} {}", in_project(), name_); }

std::string Instance::in_project() const { return project_.empty() ? std::string{} : " --project " + project_; }

Told Instance::tell(const std::string& words, seconds within) {
  return Errand(context_, backend_, words, within).wait();
}

std::vector<Told> ask_resources(Context& context, const std::vector<std::string>& backends) {
  std::vector<Errand> errands;
  errands.reserve(backends.size());
  for (const auto& backend : backends) errands.emplace_back(context, backend, "bastion-instances resources", kToAsk);
  std::vector<Told> answers;
  answers.reserve(errands.size());
  for (auto& errand : errands) answers.push_back(errand.wait());
  return answers;
}

}  // namespace bastion::admin
