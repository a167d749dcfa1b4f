// How the directory carries 100,000 users with 300,000 keys and 100,000 containers, beside one with 10 users: what a
// login looks up, what `apply` and the lists take.
//
//   build/release/tests/directory_bench [USERS]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/manifest.h"
#include "bastion/admin/manifest/read_manifest.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/library.h"
#include "store/reader.h"

namespace {

using namespace bastion;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 21;
constexpr int kFew = 10;
constexpr int kLoginsInARow = 2000;
constexpr int kLoginsAmongWork = 300;
constexpr std::size_t kOtherWork = std::size_t{64} * 1024 * 1024;  // more than the caches of most processors
constexpr std::size_t kCacheLine = 64;
constexpr int kKeysOfOne = 3;
constexpr int kBackends = 50;
constexpr std::int64_t kNow = 1'700'000'000;

// Nothing is measured when something does not work.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().text);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double seconds(const std::function<void()>& work) {
  const auto began = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// An ed25519 key (RFC 8709 section 4) that nobody has the other half of.
ByteVector blob_of(int user, int number) {
  std::string blob{"\0\0\0\x0bssh-ed25519\0\0\0\x20", 19};
  auto mixed = static_cast<std::uint64_t>(user * kKeysOfOne + number + 1);
  for (int i = 0; i < 32; ++i) {
    mixed = mixed * 6364136223846793005U + 1442695040888963407U;
    blob += static_cast<char>(mixed >> 56);
  }
  return {blob.begin(), blob.end()};
}

std::string name_of(int user) { return fmt::format("user{:06}", user); }

std::string document_for(int users) {
  std::string text = R"({"version": 1, "users": [{"name": "root", "role": "admin"})";
  for (int user = 0; user < users; ++user) {
    text += fmt::format(R"(,{{"name": "{}", "keys": [)", name_of(user));
    for (int key = 0; key < kKeysOfOne; ++key) {
      text += fmt::format(R"({}{{"key": "{}"}})", key == 0 ? "" : ",",
                          transport::to_line(must(transport::public_key_from_blob(blob_of(user, key))), "laptop"));
    }
    text += "]}";
  }
  text += R"(], "backends": [)";
  for (int backend = 0; backend < kBackends; ++backend) {
    text += fmt::format(R"({}{{"name": "be{}", "address": "10.1.0.{}", "login": "hop"}})", backend == 0 ? "" : ",",
                        backend, backend + 1);
  }
  text += R"(], "containers": [)";
  for (int user = 0; user < users; ++user) {
    const auto place = user / kBackends;
    text += fmt::format(R"({}{{"owner": "{}", "name": "web", "backend": "be{}", "address": "10.{}.{}.{}"}})",
                        user == 0 ? "" : ",", name_of(user), user % kBackends, 3 + place / 60000, place / 250 % 240,
                        place % 250 + 1);
  }
  return text + "]}";
}

class Site {
 public:
  Site(const fs::path& folder, int users)
      : users_(users),
        file_(folder / fmt::format("{}.db", users)),
        database_(must(store::Database::open(file_, store::Database::Access::create))),
        reader_(must(store::Reader::open(file_))) {}

  void apply(const std::string& text) {
    const auto document = must(admin::parse_directory(text));
    must(database_.change([&] { return admin::apply(database_, document, admin::Unnamed::go, kNow); }));
  }
  std::string as_yaml() { return admin::to_yaml(admin::to_json(must(admin::read_manifest(database_)))); }
  void type(std::vector<std::string> words) {
    const auto outcome = admin::run(std::move(words), context_);
    if (outcome.status == admin::Status::done) return;
    fmt::print(stderr, "{}", outcome.err);
    std::exit(1);
  }

  // Everything that the path of a login asks, for users all over the directory; seconds for one login.
  double logins_in_a_row() {
    return seconds([&] {
             for (int i = 0; i < kLoginsInARow; ++i) log_in(i);
           }) /
           kLoginsInARow;
  }
  // The same as a login finds it, which has had other things to do before: what the processor kept of it is gone.
  double logins_among_other_work() {
    double spent = 0;
    for (int i = 0; i < kLoginsAmongWork; ++i) {
      for (std::size_t at = 0; at < other_work_.size(); at += kCacheLine) ++other_work_[at];
      spent += seconds([&] { log_in(i); });
    }
    return spent / kLoginsAmongWork;
  }

 private:
  // The client asks whether the key would do, and then signs with it (RFC 4252 section 7); the container's host key is
  // asked for to choose the algorithm, and to be compared.
  void log_in(int nth) {
    const auto user = static_cast<int>(nth * 7919LL % users_);
    const auto name = name_of(user);
    const auto blob = blob_of(user, user % kKeysOfOne);
    std::optional<store::EnrolledKey> key;
    for (int i = 0; i < 2; ++i) key = must(reader_->keys().enrolled(name, blob));
    if (!key) std::exit(1);
    const access::Identity who{.user = key->user, .name = key->user_name};
    const access::Target target{.user = name, .owner = {}, .container = {}};
    const auto route = access::find_route(reader_->containers(), reader_->backends(), who, target, kNow);
    if (!route || route->hops.size() != 1) std::exit(1);
    for (int i = 0; i < 2; ++i) must(reader_->host_keys().of(store::HostKeyOwner::of_container(route->container)));
  }

  std::vector<char> other_work_ = std::vector<char>(kOtherWork);
  int users_;
  fs::path file_;
  store::Database database_;
  admin::Context context_{
      .database = database_, .actor = "local", .role = store::Role::admin, .now = kNow, .read_key = {}, .identity = {}};
  std::unique_ptr<store::Reader> reader_;
};

void row(const std::string& what, double value, std::string_view unit, std::string_view goal) {
  fmt::print("| {:<66} | {:>8.3g} {:<5} | {:<10} |\n", what, value, unit, goal);
  std::fflush(stdout);
}

void compare(std::string_view how, int many, const std::function<double()>& small,
             const std::function<double()>& large) {
  std::vector<double> few;
  std::vector<double> lots;
  for (int round = 0; round <= kRounds; ++round) {
    const auto one = small();
    const auto other = large();
    if (round == 0) continue;  // the first fills the caches
    few.push_back(one);
    lots.push_back(other);
  }
  row(fmt::format("look-ups of a login {}, {} users", how, kFew), 1e6 * median(few), "us", "");
  row(fmt::format("look-ups of a login {}, {} users", how, many), 1e6 * median(lots), "us", "");
  row("their ratio", median(lots) / median(few), "x", "<= 1.2 x");
}

void measure(const fs::path& folder, int many) {
  Site small(folder, kFew);
  Site large(folder, many);
  small.apply(document_for(kFew));
  const auto document = document_for(many);
  const auto size = fmt::format("{} users, {} keys, {} containers", many, many * kKeysOfOne, many);
  row("apply of a whole document, JSON: " + size, seconds([&] { large.apply(document); }), "s", "< 60 s");
  row("the same again, which changes nothing", seconds([&] { large.apply(document); }), "s", "< 60 s");
  std::string yaml;
  row("export as YAML", seconds([&] { yaml = large.as_yaml(); }), "s", "");
  row("apply of that, which changes nothing", seconds([&] { large.apply(yaml); }), "s", "< 60 s");
  row("user list, whole", seconds([&] { large.type({"user", "list", "--json"}); }), "s", "");
  const auto middle = name_of(many / 2);
  row("user list, a page of 100", 1e3 * seconds([&] { large.type({"user", "list", "--limit", "100"}); }), "ms", "");
  row("container list, a page of 100 from the middle",
      1e3 * seconds([&] { large.type({"container", "list", "--after", middle + "/web", "--limit", "100"}); }), "ms",
      "");

  compare("in a row", many, [&] { return small.logins_in_a_row(); }, [&] { return large.logins_in_a_row(); });
  compare(
      "among other work", many, [&] { return small.logins_among_other_work(); },
      [&] { return large.logins_among_other_work(); });
}

}  // namespace

int main(int argc, char** argv) {
  const transport::Library library;
  auto name = (fs::temp_directory_path() / "directory.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  measure(name, argc > 1 ? std::atoi(argv[1]) : 100'000);
  fs::remove_all(name);
  return 0;
}
