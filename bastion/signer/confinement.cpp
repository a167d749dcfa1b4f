#include "bastion/signer/confinement.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <tuple>

#include "bastion/loop/descriptor.h"

namespace bastion::signer {
namespace {

namespace fs = std::filesystem;

// What each version of the kernel's interface has added that opens, makes or removes something: 13 rights at first,
// then LANDLOCK_ACCESS_FS_REFER, and LANDLOCK_ACCESS_FS_TRUNCATE, which our header may not know yet.
constexpr std::array<std::uint64_t, 3> kAllRights{(1ULL << 13) - 1, (1ULL << 14) - 1, (1ULL << 15) - 1};

std::unexpected<Error> refused(const char* what, int error) {
  return fail("landlock: {}: {}", what, std::strerror(error));
}

// 0: the kernel has no landlock, or it was not switched on.
std::size_t version() {
  const auto number = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return number < 0 ? 0 : static_cast<std::size_t>(number);
}

std::uint64_t all_rights(std::size_t known) { return kAllRights.at(std::min(known, kAllRights.size()) - 1); }

// What is forbidden, but where a rule allows it.
class Ruleset {
 public:
  explicit Ruleset(std::uint64_t rights) {
    const landlock_ruleset_attr attributes{.handled_access_fs = rights};
    set_ =
        loop::Descriptor(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    error_ = errno;
  }

  // What there is not cannot be allowed, and need not be.
  void allow(const fs::path& path, std::uint64_t rights) const {
    const loop::Descriptor opened(::open(path.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
    if (!opened.valid()) return;
    struct stat status{};
    const bool is_folder = ::fstat(opened.get(), &status) == 0 && S_ISDIR(status.st_mode);
    const landlock_path_beneath_attr rule{
        .allowed_access = is_folder ? rights : rights & ~std::uint64_t{LANDLOCK_ACCESS_FS_READ_DIR},
        .parent_fd = opened.get()};
    // A path of the kernel's own (a socket, a pipe) takes none.
    std::ignore = ::syscall(SYS_landlock_add_rule, set_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }

  [[nodiscard]] Result<bool> enforce() const {
    if (!set_.valid()) return refused("a set of rules", error_);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no new privileges", errno);
    if (::syscall(SYS_landlock_restrict_self, set_.get(), 0) != 0) return refused("this process", errno);
    return true;
  }

 private:
  loop::Descriptor set_;
  int error_ = 0;
};

bool is_within(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

// Their own names, without links and dots.
std::vector<fs::path> real_paths_in(const std::vector<fs::path>& folders) {
  std::vector<fs::path> paths;
  const auto add = [&](const fs::path& path) {
    std::error_code unknown;
    auto real = fs::canonical(path, unknown);
    if (!unknown) paths.push_back(std::move(real));
  };
  for (const auto& folder : folders) {
    add(folder);
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      add(entry->path());
    }
  }
  return paths;
}

// Allows this with all of the folder but what leads to one of these.
void allow_all_but(const Ruleset& rules, const fs::path& folder, const std::vector<fs::path>& forbidden,
                   std::uint64_t rights) {
  if (std::ranges::any_of(forbidden, [&](const fs::path& path) { return is_within(folder, path); })) return;
  if (std::ranges::none_of(forbidden, [&](const fs::path& path) { return is_within(path, folder); })) {
    return rules.allow(folder, rights);
  }
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    // What a link leads to has another name, by which it is met too.
    std::error_code unknown;
    if (!entry->is_symlink(unknown)) allow_all_but(rules, entry->path(), forbidden, rights);
  }
}

}  // namespace

void keep_memory_private() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  std::ignore = ::setrlimit(RLIMIT_CORE, &none);
  std::ignore = ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

Result<bool> leave_files(const std::vector<fs::path>& readable) {
  const auto known = version();
  if (known == 0) return false;
  const Ruleset rules(all_rights(known));
  for (const auto& path : readable) {
    std::error_code unknown;
    rules.allow(fs::canonical(path, unknown), LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
  }
  return rules.enforce();
}

Result<bool> stop_reading(const std::vector<fs::path>& folders, const std::vector<fs::path>& still) {
  if (version() == 0) return false;
  const Ruleset rules(LANDLOCK_ACCESS_FS_READ_FILE);
  allow_all_but(rules, "/", real_paths_in(folders), LANDLOCK_ACCESS_FS_READ_FILE);
  for (const auto& file : still) {
    std::error_code unknown;
    rules.allow(fs::canonical(file, unknown), LANDLOCK_ACCESS_FS_READ_FILE);
  }
  return rules.enforce();
}

Result<bool> stop_writing(const std::vector<fs::path>& not_even_read) {
  const auto known = version();
  if (known == 0) return false;
  const Ruleset rules(all_rights(known));
  allow_all_but(rules, "/", real_paths_in(not_even_read),
                LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE);
  // Programs open it for both, whatever they do (ssh does).
  rules.allow("/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  return rules.enforce();
}

}  // namespace bastion::signer
