#include "bastion/monitor/database_check.h"

#include <utility>

#include "store/database.h"
#include "store/users.h"

namespace bastion::monitor {
namespace {

Result<> read(const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto found = store::Users(*database).find("");
  if (!found) return std::unexpected(found.error());
  return {};
}

}  // namespace

DatabaseCheck::DatabaseCheck(loop::Loop& loop, loop::Executor& questions, std::filesystem::path file)
    : loop_(loop),
      questions_(questions),
      file_(std::move(file)),
      within_(loop, [this] { tell(fail("the database does not answer within {} s", kWithin.count())); }) {}

void DatabaseCheck::ask(OnChecked on_checked) {
  waiting_.push_back(std::move(on_checked));
  if (waiting_.size() == 1) within_.start(kWithin);
  if (reading_) return;
  reading_.emplace(
      loop_, questions_,
      [this, file = file_]() -> loop::Work::Then { return [this, readable = read(file)] { end(readable); }; },
      [this](const Error& why) { end(std::unexpected(why)); });
}

void DatabaseCheck::end(const Result<>& readable) {
  const auto answer = readable;  // what was handed in goes with the work
  reading_.reset();
  tell(answer);
}

void DatabaseCheck::tell(const Result<>& readable) {
  within_.stop();
  for (const auto& on_checked : std::exchange(waiting_, {})) on_checked(readable);
}

}  // namespace bastion::monitor
