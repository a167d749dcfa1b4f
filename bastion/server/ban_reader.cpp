#include "bastion/server/ban_reader.h"

#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "store/database.h"

namespace bastion::server {
namespace {

Result<std::vector<store::Ban>> read_bans(const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return std::unexpected(database.error());
  return store::Bans(*database).all(unix_now());
}

}  // namespace

BanReader::BanReader(loop::Loop& loop, loop::Executor& questions, std::filesystem::path database, OnRead on_read)
    : loop_(loop),
      questions_(questions),
      database_(std::move(database)),
      on_read_(std::move(on_read)),
      try_again_(loop, [this] { ask(); }) {}

void BanReader::ask() {
  if (reading_) {
    asked_again_ = true;
    return;
  }
  reading_.emplace(
      loop_, questions_,
      [this, file = database_]() -> loop::Work::Then { return [this, read = read_bans(file)] { end(read); }; },
      [this](const Error& why) { end(std::unexpected(why)); });
}

void BanReader::end(const Result<std::vector<store::Ban>>& read) {
  const auto bans = read;  // what was handed in goes with the work
  reading_.reset();
  if (bans) {
    has_failed_ = false;
    on_read_(*bans);
    if (std::exchange(asked_again_, false)) ask();
    return;
  }
  if (!std::exchange(has_failed_, true)) log::error("the bans that count stay as they were: {}", bans.error().text);
  try_again_.start(kTryAgain);
}

}  // namespace bastion::server
