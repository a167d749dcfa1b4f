#include "bastion/record/asciicast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/record/utf8_text.h"

namespace bastion::record {
namespace {

constexpr std::uint32_t kLargestSide = 1000;

std::string json_string(std::string_view text) {
  std::string json = "\"";
  Utf8Text utf8;
  utf8.append(text, json);
  utf8.finish(json);
  return json + '"';
}

std::uint32_t side(std::uint32_t claimed, std::uint32_t usual) {
  return claimed == 0 ? usual : std::min(claimed, kLargestSide);
}

std::string title_of(const Header& header) {
  return fmt::format("{} in {} ({}-{})", header.subject.user, header.subject.container, header.subject.session,
                     header.subject.number);
}

// Nothing that is thrown, whatever stands there.
std::string text_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}
template <typename Number>
Number number_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<Number>() : Number{};
}

}  // namespace

std::string line_of(const Header& header) {
  std::string line = fmt::format(R"({{"version": 2, "width": {}, "height": {}, "timestamp": {}, "title": {})",
                                 side(header.width, Header{}.width), side(header.height, Header{}.height), header.at,
                                 json_string(title_of(header)));
  if (!header.command.empty()) line += ", \"command\": " + json_string(header.command);
  if (!header.terminal.empty()) line += ", \"env\": {\"TERM\": " + json_string(header.terminal) + "}";
  const auto& subject = header.subject;
  return line +
         fmt::format(R"(, "bastion": {{"session": {}, "number": {}, "user": {}, "container": {}, "from": {}}}}})",
                     json_string(subject.session), subject.number, json_string(subject.user),
                     json_string(subject.container), json_string(subject.from_host)) +
         "\n";
}

Result<Header> parse_header(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("bastion") || !json["bastion"].is_object()) {
    return fail("this is no recording of a bastion");
  }
  const auto& ours = json["bastion"];
  Header header{.width = number_in<std::uint32_t>(json, "width"),
                .height = number_in<std::uint32_t>(json, "height"),
                .at = number_in<std::int64_t>(json, "timestamp"),
                .command = text_in(json, "command"),
                .terminal = {},
                .subject = {.session = text_in(ours, "session"),
                            .number = number_in<unsigned>(ours, "number"),
                            .user = text_in(ours, "user"),
                            .container = text_in(ours, "container"),
                            .from_host = text_in(ours, "from")}};
  if (json.contains("env") && json["env"].is_object()) header.terminal = text_in(json["env"], "TERM");
  return header;
}

void append_event(std::chrono::microseconds at, Kind kind, std::string_view json, std::string& lines) {
  constexpr std::int64_t kMicro = 1'000'000;
  const auto count = std::max<std::int64_t>(at.count(), 0);
  fmt::format_to(std::back_inserter(lines), "[{}.{:06}, \"{}\", \"", count / kMicro, count % kMicro,
                 static_cast<char>(kind));
  lines += json;
  lines += "\"]\n";
}

std::string text_of_size(std::uint32_t width, std::uint32_t height) {
  return fmt::format("{}x{}", side(width, Header{}.width), side(height, Header{}.height));
}

std::optional<Event> parse_event(std::string_view line) {
  auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_array() || json.size() != 3 || !json[0].is_number() || !json[1].is_string() || !json[2].is_string()) {
    return std::nullopt;
  }
  const auto kind = json[1].get<std::string>();
  const auto seconds = json[0].get<double>();
  constexpr double kMostSeconds = 1e9;
  if (kind.size() != 1 || !std::string_view("oirm").contains(kind[0]) || !(seconds >= 0 && seconds < kMostSeconds)) {
    return std::nullopt;
  }
  return Event{.at = std::chrono::microseconds(std::llround(seconds * 1e6)),
               .kind = static_cast<Kind>(kind[0]),
               .data = std::move(json[2].get_ref<std::string&>())};
}

}  // namespace bastion::record
