// An entry of a fleet's log, as PostgreSQL has it: whatever stands in it, applying it ends, and leaves all of it or
// nothing.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "store/database.h"
#include "store/fleet/application.h"
#include "store/fleet/changeset_format.h"
#include "store/fleet/only_gives.h"
#include "tests/fuzz/require.h"

namespace bastion::store::fleet {
namespace {

using fuzz::require;

// A directory with alice and bob in it, in a file of its own.
class Copy {
 public:
  Copy() {
    std::string name = (std::filesystem::temp_directory_path() / "bastion.XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "there is a folder");
    folder_ = name;
    make_anew();
  }
  ~Copy() {
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  Database& database() { return *database_; }
  void make_anew() {
    database_.reset();
    for (const auto* const side : {"", "-wal", "-shm"})
      std::filesystem::remove(folder_ / ("copy.db" + std::string(side)));
    auto made = Database::open(folder_ / "copy.db", Database::Access::create);
    require(made.has_value(), "a database is made");
    database_.emplace(*std::move(made));
    const auto filled =
        database_->run("INSERT INTO users (name, role, created_at) VALUES ('alice', 'user', 1), ('bob', 'admin', 2)");
    require(filled.has_value(), "there are users");
  }

 private:
  std::filesystem::path folder_;
  std::optional<Database> database_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Copy copy;
  const ByteVector changeset(data, data + size);
  require(is_changeset(changeset) || !only_gives(changeset), "what is no changeset gives nothing");
  const auto applied =
      apply(copy.database(), {Entry{.number = 1, .id = "e", .node = "one", .schema = 0, .changeset = changeset}});
  const auto position = position_of(copy.database());
  require(position && position->number == (applied ? 1 : 0), "it is where it was, or behind the entry");
  if (!applied) {
    require(!applied.error().error.text.empty(), "an error is a sentence");
    return 0;
  }
  require(is_changeset(changeset), "what is applied is a changeset");
  copy.make_anew();
  return 0;
}

}  // namespace bastion::store::fleet
