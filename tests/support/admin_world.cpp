#include "tests/support/admin_world.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "bastion/transport/keys.h"

namespace bastion::test {

using admin::NamedText;
using admin::Outcome;
using admin::Status;

AdminWorld::AdminWorld()
    : context{.database = database,
              .actor = "local",
              .role = store::Role::admin,
              .now = kNow,
              .read_key = [](std::string_view argument) -> Result<std::string> {
                if (argument == "missing") return fail("missing: No such file or directory");
                return std::string(argument);
              },
              .read_file = [this](std::string_view) -> Result<std::vector<NamedText>> {
                return std::vector<NamedText>{{"file", file_text}};
              },
              .identity = []() -> Result<PublicIdentity> {
                return PublicIdentity{.keys = {must(transport::parse_public_key(kAliceKey)).key},
                                      .ca = must(transport::parse_public_key(kOtherKey)).key};
              },
              .snapshot = {.reachability = std::vector<upstream::Reachability>{}}} {}

Outcome AdminWorld::type(std::string_view line) {
  std::vector<std::string> words;
  std::istringstream in{std::string(line)};
  for (std::string word; in >> word;) words.push_back(word == "KEY" ? kAliceKey : word == "KEY2" ? kOtherKey : word);
  return admin::run(words, context);
}

std::string AdminWorld::done(std::string_view line) {
  CAPTURE(line);
  auto outcome = type(line);
  CHECK_MESSAGE(outcome.status == Status::done, outcome.err);
  CHECK_MESSAGE(outcome.err.empty(), outcome.err);
  return outcome.out;
}

std::string AdminWorld::fails(std::string_view line, Status status) {
  CAPTURE(line);
  const auto before = everything();
  auto outcome = type(line);
  CHECK(outcome.status == status);
  CHECK(outcome.out.empty());
  CHECK(everything() == before);
  return outcome.err;
}

std::string AdminWorld::misused(std::string_view line) {
  const auto text = fails(line, Status::usage);
  return text.substr(0, text.find('\n'));
}

nlohmann::json AdminWorld::json(std::string_view line) {
  return nlohmann::json::parse(done(std::string(line) + " --json"));
}

std::string AdminWorld::everything() {
  std::string all;
  for (const auto* list : {"user list", "backend list", "container list"})
    all += type(std::string(list) + " --json").out;
  for (const auto& one : must(users.all())) all += type("key list " + one.name + " --json").out;
  return all;
}

AdminWorld& AdminWorld::furnished() {
  done("user add alice --key KEY");
  done("user add bob");
  done("backend add be1 10.1.1.11 --login hop");
  done("backend add far be3.example:2022 --login hop --via be1 --capacity 30");
  done("container add web --owner alice --backend be1 --address 10.0.3.100 --default");
  done("container add web --owner bob --backend far --address [fd00:0::1]:2222 --login root");
  return *this;
}

}  // namespace bastion::test
