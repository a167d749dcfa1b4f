// What a command has to say, before anybody decides how it is printed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace bastion::admin {

using Cell = nlohmann::ordered_json;  // null, a text, a number or true/false

// One sentence, for what was done.
struct Sentence {
  std::string text;
};
// Column names are what JSON calls them: snake_case.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
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

struct Answer {
  std::variant<Sentence, Table, Record, Lines, Document> content;
  std::string subject = {};  // of a change, for the audit: what it was done to
  // Of a change: it was only to be seen what it would do, and must be taken back.
  bool is_rehearsal = false;
  std::string note = {};  // what is to be known beside it: on standard error
  bool is_no = false;     // the answer to what was asked is no: the exit status says so too
  // Of a change: the sessions that end once it is written.
  std::vector<std::string> ends = {};
};

// What text for people is written on.
struct Paper {
  std::size_t columns = 0;  // rows of tables are cut to so many characters; 0: they are not
  bool coloured = false;    // it is a terminal that knows ECMA-48
};

// One JSON document and a line feed.
[[nodiscard]] std::string as_json(const Answer& answer);
// For people: sentences, and tables with aligned columns. Ends with a line feed.
[[nodiscard]] std::string as_text(const Answer& answer, const Paper& paper = {});

// Columns side by side, two spaces apart.
[[nodiscard]] std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace bastion::admin
