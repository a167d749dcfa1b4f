// What a command has to say, before anybody decides how it is printed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/access/container_place.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/base/network.h"
#include "bastion/base/reason.h"
#include "store/fleet/audit_places.h"

namespace bastion::record {
class Playback;
}

namespace bastion::admin {

struct Overview;

// One sentence, for what was done.
struct Sentence {
  std::string text;
};
// Column names are what JSON calls them: snake_case.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  // What people read where there are no rows: a sentence without its full stop.
  std::string when_empty = {};
  // The columns that people need most, these first and then from the left: others are hidden before them.
  std::vector<std::string> needed = {};
};
struct Field {
  std::string name;
  std::variant<Cell, Table> value;
};
// Everything about one thing.
struct Record {
  std::vector<Field> fields;
};
// Lines to be pasted elsewhere: nothing is put around them.
struct Lines {
  std::string name;  // in JSON
  std::vector<std::string> lines;
};

// A document as a whole: YAML for people, where they do not ask for JSON.
struct Document {
  Cell content;
};

// A part of something that goes on: rows whose columns stand below each other from part to part. As JSON it is one
// document on each line.
struct Log {
  Table table;
  std::vector<std::size_t> widths;  // of the columns, at least
  bool begins = true;               // the first part: with the heading
};

// A part of a text that goes on, as it is: nothing is put around it.
struct Raw {
  std::string text;
};

// What a change does to who may connect.
struct BanEffects {
  std::optional<Network> lifted = std::nullopt;  // nobody there is refused for what came from there before
};

// What a change does to sessions that run, and to connections that come.
struct SessionEffects {
  std::vector<std::string> ends = {};  // these end
  // Nobody may be there any more, nor be on their way there.
  std::optional<access::ContainerPlace> vacated = std::nullopt;
  End end = {Reason::killed, {}, {}};             // what they are told
  std::optional<BanEffects> bans = std::nullopt;  // these have changed

  [[nodiscard]] bool are_none() const { return ends.empty() && !vacated && !bans; }
};

// Up to where the audit has been said to somebody who follows it.
struct FollowedAudit {
  std::int64_t row = 0;    // the last one of this bastion
  std::int64_t began = 0;  // when they began, in Unix seconds
  // Of the others of a fleet; nothing until they could be asked.
  std::optional<store::fleet::AuditPlaces> elsewhere = std::nullopt;
  bool others_are_away = false;  // and that was said

  bool operator==(const FollowedAudit&) const = default;
};

// Something that is shown part by part, and how long to wait before the next one. Whoever is asked for that has it
// back.
struct Streaming {
  std::shared_ptr<record::Playback> playback = nullptr;
  std::chrono::milliseconds pause{0};
};

struct Answer {
  std::variant<Sentence, Table, Record, Lines, Document, Log, Raw> content;
  std::string subject = {};  // of a change, for the audit: what it was done to
  // Of a change: it was only to be seen what it would do, and must be taken back.
  bool is_dry_run = false;
  std::string note = {};  // what is to be known beside it: on standard error
  bool is_no = false;     // the answer to what was asked is no: the exit status says so too
  // Of a change: what it does to running sessions once it is written.
  SessionEffects effects = {};
  // Of what goes on: up to where it has been said (Context::after).
  std::optional<FollowedAudit> next = std::nullopt;
  // Of what is a screen at a terminal: what stands on it.
  std::shared_ptr<const Overview> overview = nullptr;
  // Of what is shown part by part: what comes next; nothing after the last one.
  std::optional<Streaming> streaming = std::nullopt;
};

// What text for people is written on.
struct OutputFormat {
  std::size_t columns = 0;  // so many characters wide: tables are made to fit (fit.h); 0: they are as wide as they are
  bool coloured = false;    // it is a terminal that knows ECMA-48
};

// By the name of a terminal, as TERM has it.
[[nodiscard]] constexpr bool knows_colours(std::string_view terminal) {
  return !terminal.empty() && terminal != "dumb";
}

// One JSON document and a line feed; of a Log, one for each row.
[[nodiscard]] std::string as_json(const Answer& answer);
// For people: sentences, and tables with aligned columns. Ends with a line feed.
[[nodiscard]] std::string as_text(const Answer& answer, const OutputFormat& format = {});

// Columns side by side, two spaces apart, each at least so wide.
[[nodiscard]] std::string aligned(const std::vector<std::vector<std::string>>& rows,
                                  std::vector<std::size_t> widths = {});

}  // namespace bastion::admin
