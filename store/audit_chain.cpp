#include "store/audit_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "bastion/base/wire_format.h"
#include "store/audit.h"
#include "store/database.h"

namespace bastion::store {
namespace {

constexpr int kRowsAtOnce = 1000;

ByteVector number_bytes(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  WireWriter out;
  out.u32(static_cast<std::uint32_t>(bits >> 32U)).u32(static_cast<std::uint32_t>(bits));
  return out.take();
}

Sha256 digest_of(const AuditEntry& entry) {
  WireWriter out;
  out.raw(number_bytes(entry.id)).raw(number_bytes(entry.at));
  for (const auto* const text : {&entry.actor, &entry.action, &entry.subject, &entry.outcome, &entry.key_fingerprint,
                                 &entry.from_host, &entry.session}) {
    out.string(*text);
  }
  // Rows of before there were details keep their digests.
  if (!entry.detail.empty()) out.string(entry.detail);
  return sha256({out.view()});
}

Sha256 link_of(const Sha256& before, const Sha256& digest) { return sha256({Bytes(before), Bytes(digest)}); }

Sha256 hash_in(const Row& row, int column) {
  Sha256 hash{};
  const auto bytes = row.bytes(column);
  if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
  return hash;
}

AuditEntry entry_in(const Row& row, int first) {
  return {.at = row.number(first + 1),
          .actor = row.text(first + 2),
          .action = row.text(first + 3),
          .subject = row.text(first + 4),
          .outcome = row.text(first + 5),
          .key_fingerprint = row.text(first + 6),
          .from_host = row.text(first + 7),
          .session = row.text(first + 8),
          .detail = row.text(first + 9),
          .id = row.number(first)};
}

constexpr auto* kColumns =
    "a.id, a.at, a.actor, a.action, a.subject, a.outcome, a.key_fingerprint, a.from_host, a.session, a.detail";

// A link, or a row that has none, or both.
struct Place {
  std::int64_t id = 0;
  bool has_link = false;
  Sha256 digest{};
  Sha256 link{};
  std::optional<AuditEntry> entry{};
};

Place place_in(const Row& row) {
  Place place{.id = row.number(0), .has_link = row.optional_number(1).has_value()};
  if (place.has_link) {
    place.digest = hash_in(row, 2);
    place.link = hash_in(row, 3);
  }
  if (row.optional_number(4)) place.entry = entry_in(row, 4);
  return place;
}

// Follows the chain from its beginning, place by place.
class Follower {
 public:
  explicit Follower(const std::optional<ChainHead>& known) : known_(known) {}

  void take(const Place& place) {
    if (!verdict_.broken.empty()) return;
    if (!place.has_link) return note_unlinked(place);
    if (unlinked_) return broken(*unlinked_, "was put in: it has no link, and later ones have");
    if (place.entry && digest_of(*place.entry) != place.digest) return broken(place.id, "was changed");
    // Of what is older than the first one that is left nothing can be said: it is where the chain begins.
    const bool begins = !has_begun_ && !place.entry;
    if (!begins && link_of(verdict_.head.link, place.digest) != place.link) {
      return broken(place.id, "does not follow the one before it");
    }
    has_begun_ = true;
    place.entry ? ++verdict_.rows : ++verdict_.taken_away;
    verdict_.head = {.id = place.id, .link = place.link};
    if (known_ && known_->id == place.id) {
      if (known_->link != place.link) return broken(place.id, "has another link than it had");
      found_known_ = true;
    }
    first_ = std::min(first_, place.id);
  }

  [[nodiscard]] AuditChain::Verdict take_verdict() {
    if (known_ && !found_known_ && verdict_.broken.empty()) {
      // What retention has taken away cannot be compared any more.
      if (known_->id >= first_ || first_ == kNone) broken(known_->id, "is not there any more");
    }
    return std::move(verdict_);
  }

 private:
  static constexpr auto kNone = std::numeric_limits<std::int64_t>::max();

  void note_unlinked(const Place& place) {
    if (!unlinked_) unlinked_ = place.id;
    ++verdict_.without_link;
  }
  void broken(std::int64_t id, std::string_view what) { verdict_.broken = fmt::format("row {} {}", id, what); }

  const std::optional<ChainHead>& known_;
  AuditChain::Verdict verdict_;
  std::optional<std::int64_t> unlinked_;
  bool has_begun_ = false;
  bool found_known_ = false;
  std::int64_t first_ = kNone;
};

std::optional<std::uint8_t> hex_byte(std::string_view text) {
  std::uint8_t byte = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), byte, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return byte;
}

}  // namespace

Result<ChainHead> ChainHead::parse(std::string_view text) {
  const auto wrong = fail("a head is what `audit verify` prints, a number, a colon and 64 digits");
  ChainHead head;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return wrong;
  const auto number = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), head.id);
  if (error != std::errc{} || end != number.data() + number.size() || head.id < 1 ||
      digits.size() != 2 * head.link.size()) {
    return wrong;
  }
  for (std::size_t i = 0; i < head.link.size(); ++i) {
    const auto byte = hex_byte(digits.substr(2 * i, 2));
    if (!byte) return wrong;
    head.link.at(i) = *byte;
  }
  return head;
}

std::string digits_of(const Sha256& hash) {
  std::string text;
  for (const auto byte : hash) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

std::string ChainHead::text() const { return fmt::format("{}:{}", id, digits_of(link)); }

AuditChain::AuditChain(Database& database)
    : database_(database),
      head_(database, "SELECT id, link FROM audit_chain ORDER BY id DESC LIMIT 1"),
      put_(database, "INSERT INTO audit_chain (id, digest, link) VALUES (?, ?, ?)"),
      unlinked_(database, fmt::format("SELECT {} FROM audit a WHERE a.id > ? ORDER BY a.id LIMIT ?", kColumns)),
      trim_(database,
            "DELETE FROM audit_chain WHERE id < (SELECT max(id) FROM audit_chain WHERE id < (SELECT min(id) FROM "
            "audit))"),
      after_(database,
             fmt::format("SELECT {}, c.link FROM audit a JOIN audit_chain c ON c.id = a.id WHERE a.id > ? ORDER BY a.id"
                         " LIMIT ?",
                         kColumns)),
      link_of_(database,
               "SELECT id, link, (SELECT min(id) FROM audit_chain) FROM audit_chain WHERE id >= ? ORDER BY id"
               " LIMIT 1") {}

Result<ChainHead> AuditChain::head() {
  const auto found = head_.first([](const Row& row) { return ChainHead{row.number(0), hash_in(row, 1)}; }, {});
  if (!found) return std::unexpected(found.error());
  return found->value_or(ChainHead{});
}

Result<std::vector<LinkedEntry>> AuditChain::after(std::int64_t id, int limit) {
  return after_.all([](const Row& row) { return LinkedEntry{entry_in(row, 0), hash_in(row, 10)}; }, {id, limit});
}

Result<> AuditChain::must_be_known(const ChainHead& place) {
  struct Found {
    ChainHead at;
    std::int64_t first = 0;
  };
  const auto found =
      link_of_.first([](const Row& row) { return Found{{row.number(0), hash_in(row, 1)}, row.number(2)}; }, {place.id});
  if (!found) return std::unexpected(found.error());
  const bool is_there = *found && (*found)->at.id == place.id;
  if (is_there && (*found)->at.link == place.link) return {};
  if (is_there) return fail("row {} of the audit has another link than it had", place.id);
  if (*found && place.id < (*found)->first) return {};
  return fail("there is no row {} in the audit any more", place.id);
}

Result<ChainHead> AuditChain::put(const ChainHead& before, const AuditEntry& entry) {
  const auto digest = digest_of(entry);
  const ChainHead head{.id = entry.id, .link = link_of(before.link, digest)};
  if (auto done = put_.run({entry.id, Bytes(digest), Bytes(head.link)}); !done) return std::unexpected(done.error());
  return head;
}

Result<> AuditChain::extend_by(const AuditEntry& entry) {
  const auto last = head();
  if (!last) return std::unexpected(last.error());
  if (last->id + 1 == entry.id) {
    const auto put_there = put(*last, entry);
    return put_there ? Result<>{} : std::unexpected(put_there.error());
  }
  const auto more = extend();
  return more ? Result<>{} : std::unexpected(more.error());
}

Result<bool> AuditChain::extend() {
  auto last = head();
  if (!last) return std::unexpected(last.error());
  const auto rows = unlinked_.all([](const Row& row) { return entry_in(row, 0); }, {last->id, kStep});
  if (!rows) return std::unexpected(rows.error());
  for (const auto& row : *rows) {
    last = put(*last, row);
    if (!last) return std::unexpected(last.error());
  }
  return rows->size() == static_cast<std::size_t>(kStep);
}

Result<> AuditChain::trim() { return trim_.run({}); }

Result<AuditChain::Verdict> AuditChain::verify(const std::optional<ChainHead>& known) {
  Follower follower(known);
  Statement places(database_,
                   fmt::format("SELECT i.id, c.id, c.digest, c.link, {} FROM"
                               " (SELECT id FROM audit_chain WHERE id > ?1 UNION SELECT id FROM audit WHERE id > ?1"
                               " ORDER BY id LIMIT ?2) i"
                               " LEFT JOIN audit_chain c ON c.id = i.id LEFT JOIN audit a ON a.id = i.id"
                               " ORDER BY i.id",
                               kColumns));
  for (auto after = std::numeric_limits<std::int64_t>::min();;) {
    const auto some = places.all(place_in, {after, kRowsAtOnce});
    if (!some) return std::unexpected(some.error());
    for (const auto& place : *some) follower.take(place);
    if (some->size() < static_cast<std::size_t>(kRowsAtOnce)) return follower.take_verdict();
    after = some->back().id;
  }
}

}  // namespace bastion::store
