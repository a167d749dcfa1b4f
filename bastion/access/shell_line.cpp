#include "bastion/access/shell_line.h"

#include <algorithm>
#include <utility>

namespace bastion::access {
namespace {

class LineParser {
 public:
  explicit LineParser(std::string_view line) : rest_(line) {}

  ShellLine parse() {
    while (!rest_.empty()) take(next());
    end_word();
    return std::move(line_);
  }

 private:
  void take(char c);
  void take_single_quoted();
  void take_double_quoted();
  // A backslash stands before it.
  void take_escaped();
  void end_word();
  void end_command();
  char next();

  std::string_view rest_;
  std::string word_;
  ShellLine line_;
};

char LineParser::next() {
  const char c = rest_.front();
  rest_.remove_prefix(1);
  return c;
}

void LineParser::take(char c) {
  switch (c) {
    case '\'': return take_single_quoted();
    case '"': return take_double_quoted();
    case '\\': return take_escaped();
    case ' ':
    case '\t': return end_word();
    case ';':
    case '&':
    case '|':
    case '(':
    case ')':
    case '`':
    case '\n': return end_command();
    default: word_ += c;
  }
}

void LineParser::take_single_quoted() {
  const auto quoted = rest_.substr(0, rest_.find('\''));
  word_ += quoted;
  rest_.remove_prefix(std::min(quoted.size() + 1, rest_.size()));
}

void LineParser::take_double_quoted() {
  const auto before = word_.size();
  while (!rest_.empty()) {
    const char c = next();
    if (c == '"') break;
    c == '\\' ? take_escaped() : word_.push_back(c);
  }
  const auto quoted = word_.substr(before);
  if (quoted.contains("$(") || quoted.contains('`')) line_.substituting.push_back(quoted);
}

void LineParser::take_escaped() {
  if (rest_.empty()) return;
  const char c = next();
  if (c != '\n') word_ += c;
}

void LineParser::end_word() {
  if (!word_.empty()) line_.commands.back().push_back(std::exchange(word_, {}));
}

void LineParser::end_command() {
  end_word();
  if (!line_.commands.back().empty()) line_.commands.emplace_back();
}

}  // namespace

ShellLine parse_shell_line(std::string_view line) { return LineParser(line).parse(); }

}  // namespace bastion::access
