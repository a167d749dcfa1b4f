#include "bastion/admin/answer.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

#include "bastion/admin/fold.h"
#include "bastion/admin/yaml.h"
#include "bastion/base/match.h"
#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::ordered_json;

// Terminals count characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string shown(const Cell& cell) {
  if (cell.is_null()) return "-";
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_string()) return cell.get_ref<const std::string&>().empty() ? "-" : printable(cell.get<std::string>());
  return cell.dump();
}

std::string words_of(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string heading(const std::string& column) {
  auto text = words_of(column);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Json json_of(const Table& table) {
  auto rows = Json::array();
  for (const auto& row : table.rows) {
    auto object = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i) object[table.columns[i]] = row[i];
    rows.push_back(std::move(object));
  }
  return rows;
}

// The first so many characters; what is left out is left out visibly.
std::string cut(const std::string& line, std::size_t columns) {
  if (columns == 0 || width_of(line) <= columns) return line;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < line.size(); ++end) {
    const bool begins = (line[end] & 0xc0) != 0x80;
    if (begins && seen++ == columns - 1) break;
  }
  return line.substr(0, end) + "…";
}

// The heading stands out, and no row is longer than the paper is wide.
std::string on_paper(const std::string& rows, const Paper& paper) {
  std::string text;
  std::istringstream in(rows);
  for (std::string row; std::getline(in, row);) {
    row = cut(row, paper.columns);
    text += paper.coloured && text.empty() ? "\x1b[1m" + row + "\x1b[0m\n" : row + "\n";
  }
  return text;
}

std::vector<std::vector<std::string>> rows_of(const Table& table) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : table.columns) rows.front().push_back(heading(column));
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (const auto& cell : row) cells.push_back(shown(cell));
  }
  return rows;
}

std::string text_of(const Table& table, const Paper& paper) { return on_paper(aligned(rows_of(table)), paper); }

std::string text_of(const Log& log, const Paper& paper) {
  auto rows = rows_of(log.table);
  if (log.begins) return on_paper(aligned(rows, log.widths), paper);
  rows.erase(rows.begin());
  return on_paper(aligned(rows, log.widths), {.columns = paper.columns});
}

std::string lines_of(const Log& log) {
  std::string text;
  for (const auto& row : json_of(log.table)) {
    text += row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

// The plain fields in two columns; then the tables, each under its name.
std::string text_of(const Record& record, const Paper& paper) {
  std::vector<std::vector<std::string>> plain;
  std::string tables;
  for (const auto& [name, value] : record.fields) {
    if (const auto* cell = std::get_if<Cell>(&value)) {
      plain.push_back({words_of(name), shown(*cell)});
    } else if (const auto& table = std::get<Table>(value); table.rows.empty()) {
      plain.push_back({words_of(name), "none"});
    } else {
      tables += "\n" + words_of(name) + "\n" + text_of(table, paper);
    }
  }
  return folded(aligned(plain), paper.columns) + tables;
}

// What is no UTF-8 (a comment on a key may be anything) is replaced: the document must be one.
std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::vector<std::size_t> widths) {
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string as_json(const Answer& answer) {
  return std::visit(
      Match{[](const Sentence& sentence) { return dumped(Json{{"message", sentence.text}}); },
            [](const Table& table) { return dumped(json_of(table)); },
            [](const Page& page) {
              const auto next = page.next.empty() ? Json(nullptr) : Json(page.next);
              return dumped(Json{{"rows", json_of(page.table)}, {"next", next}});
            },
            [](const Record& record) {
              auto object = Json::object();
              for (const auto& [name, value] : record.fields) {
                const auto* cell = std::get_if<Cell>(&value);
                object[name] = cell != nullptr ? *cell : json_of(std::get<Table>(value));
              }
              return dumped(object);
            },
            [](const Lines& lines) { return dumped(Json{{lines.name, lines.lines}}); },
            [](const Document& whole) { return dumped(whole.content); }, [](const Log& log) { return lines_of(log); }},
      answer.content);
}

std::string as_text(const Answer& answer, const Paper& paper) {
  return std::visit(
      Match{[&](const Sentence& sentence) { return folded(printable(sentence.text) + "\n", paper.columns); },
            [&](const Table& table) { return text_of(table, paper); },
            [&](const Page& page) { return text_of(page.table, paper); },
            [&](const Record& record) { return text_of(record, paper); },
            [](const Lines& lines) {
              std::string text;
              for (const auto& line : lines.lines) text += line + "\n";
              return text;
            },
            [](const Document& document) { return to_yaml(document.content); },
            [&](const Log& log) { return text_of(log, paper); }},
      answer.content);
}

}  // namespace bastion::admin
