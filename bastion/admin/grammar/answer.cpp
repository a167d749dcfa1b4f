#include "bastion/admin/grammar/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bastion/admin/grammar/cell_text.h"
#include "bastion/admin/grammar/fit.h"
#include "bastion/admin/grammar/fold.h"
#include "bastion/admin/manifest/json.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/base/match.h"
#include "bastion/base/printable.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Table& table) {
  auto rows = Json::array();
  for (const auto& row : table.rows) {
    auto object = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i) object[table.columns[i]] = row[i];
    rows.push_back(std::move(object));
  }
  return rows;
}

TextRows rows_of(const Table& table) {
  TextRows rows(1);
  for (const auto& column : table.columns) rows.front().push_back(heading(column));
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(cell_text(row[i], table.columns[i]));
  }
  return rows;
}

// The columns there is no room for. Whoever looks for one has to know that it is there.
std::string left_out_of(const Table& table, const Fitted& fitted) {
  std::vector<std::string> names;
  names.reserve(fitted.left_out.size());
  for (const auto column : fitted.left_out) names.push_back(heading(table.columns[column]));
  return names.empty() ? std::string{} : fmt::format("hidden columns: {} (widen, or --json)\n", fmt::join(names, ", "));
}

std::vector<std::size_t> numbers_of(const std::vector<std::string>& needed, const Table& table) {
  std::vector<std::size_t> numbers;
  for (const auto& name : needed) {
    const auto found = std::ranges::find(table.columns, name);
    if (found != table.columns.end()) numbers.push_back(static_cast<std::size_t>(found - table.columns.begin()));
  }
  return numbers;
}

// The heading stands out, and no row is longer than the terminal is wide.
std::string text_of(const Log& log, const OutputFormat& format) {
  auto fitted = fit(rows_of(log.table), log.widths, format.columns, numbers_of(log.table.needed, log.table));
  if (!log.begins) {
    fitted.rows.erase(fitted.rows.begin());
    return aligned(fitted.rows, fitted.widths);
  }
  auto text = aligned(fitted.rows, fitted.widths);
  if (format.coloured) text = "\x1b[1m" + text.insert(text.find('\n'), "\x1b[0m");
  return text + folded(left_out_of(log.table, fitted), format.columns);
}

std::string text_of(const Table& table, const OutputFormat& format) {
  if (table.rows.empty() && !table.when_empty.empty()) return table.when_empty + "\n";
  return text_of(Log{table, {}}, format);
}

std::string lines_of(const Log& log) {
  std::string text;
  for (const auto& row : json_of(log.table)) {
    text += json_text(row) + "\n";
  }
  return text;
}

// The plain fields in two columns; then the tables, each under its name.
std::string text_of(const Record& record, const OutputFormat& format) {
  TextRows plain;
  std::string tables;
  for (const auto& [name, value] : record.fields) {
    if (const auto* cell = std::get_if<Cell>(&value)) {
      plain.push_back({words_of(name), cell_text(*cell)});
    } else if (const auto& table = std::get<Table>(value); table.rows.empty()) {
      plain.push_back({words_of(name), "none"});
    } else {
      tables += "\n" + words_of(name) + "\n" + text_of(table, format);
    }
  }
  return folded(aligned(plain), format.columns) + tables;
}

std::string dumped(const Json& document) { return json_text(document, 2) + "\n"; }

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
            [](const Record& record) {
              auto object = Json::object();
              for (const auto& [name, value] : record.fields) {
                const auto* cell = std::get_if<Cell>(&value);
                object[name] = cell != nullptr ? *cell : json_of(std::get<Table>(value));
              }
              return dumped(object);
            },
            [](const Lines& lines) { return dumped(Json{{lines.name, lines.lines}}); },
            [](const Document& whole) { return dumped(whole.content); }, [](const Log& log) { return lines_of(log); },
            [](const Raw& raw) { return dumped(Json{{"text", raw.text}}); }},
      answer.content);
}

std::string as_text(const Answer& answer, const OutputFormat& format) {
  return std::visit(
      Match{[&](const Sentence& sentence) { return folded(printable(sentence.text) + "\n", format.columns); },
            [&](const Table& table) { return text_of(table, format); },
            [&](const Record& record) { return text_of(record, format); },
            [](const Lines& lines) {
              std::string text;
              for (const auto& line : lines.lines) text += line + "\n";
              return text;
            },
            [](const Document& document) { return to_yaml(document.content); },
            [&](const Log& log) { return text_of(log, format); }, [](const Raw& raw) { return raw.text; }},
      answer.content);
}

}  // namespace bastion::admin
