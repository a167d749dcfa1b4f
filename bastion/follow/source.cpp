#include "bastion/follow/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bastion/base/name.h"

namespace bastion::follow {
namespace {

constexpr std::size_t kLongestInterface = 15;  // IFNAMSIZ
constexpr std::size_t kLongestWord = 128;

bool is_one_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongestWord &&
         std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
}

Result<std::chrono::seconds> parse_every(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const auto every = std::chrono::seconds(seconds);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (is_number && every >= Source::kShortest && every <= Source::kLongest) return every;
  return fail("\"{}\" is no such time: {} to {} seconds", text, Source::kShortest.count(), Source::kLongest.count());
}

Result<> take_member(Source& source, std::string_view pair) {
  const auto sign = pair.find('=');
  const auto member = pair.substr(0, sign);
  const auto backend = sign == std::string_view::npos ? std::string_view{} : pair.substr(sign + 1);
  if (!is_member(member) || !is_name(backend)) return fail("\"{}\" does not say which backend a member is", pair);
  if (source.members.emplace(member, backend).second) return {};
  return fail("it says of {} twice what it is called here", member);
}

Result<> take(Source& source, std::string_view word) {
  const auto sign = word.find('=');
  const auto key = word.substr(0, sign);
  const auto value = sign == std::string_view::npos ? std::string_view{} : word.substr(sign + 1);
  if (key == "every") {
    const auto every = parse_every(value);
    if (!every) return std::unexpected(every.error());
    source.every = *every;
  } else if (key == "project" && is_project(value)) {
    source.project = value;
  } else if (key == "interface" && is_interface(value)) {
    source.interface = value;
  } else if (key == "map") {
    return take_member(source, value);
  } else {
    return fail("\"{}\" is nothing that a source can have: it looks like incus every=60 interface=eth0", word);
  }
  return {};
}

}  // namespace

std::string_view text_of(Source::Program program) { return program == Source::Program::incus ? "incus" : "lxd"; }

std::string text_of(const Source& source) {
  auto text = fmt::format("{} every={}", text_of(source.program), source.every.count());
  if (source.project) text += " project=" + *source.project;
  if (source.interface) text += " interface=" + *source.interface;
  for (const auto& [member, backend] : source.members) text += fmt::format(" map={}={}", member, backend);
  return text;
}

Result<Source> parse_source(std::string_view text) {
  Source source;
  const auto next = [&text] {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
  };
  const auto program = next();
  if (program != "incus" && program != "lxd") return fail("\"{}\" is no source: it is incus or lxd", program);
  source.program = program == "lxd" ? Source::Program::lxd : Source::Program::incus;
  while (!text.empty()) {
    if (auto taken = take(source, next()); !taken) return std::unexpected(taken.error());
  }
  return source;
}

bool is_project(std::string_view text) {
  return is_one_word(text) && text.front() != '-' && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

bool is_member(std::string_view text) { return is_one_word(text) && !text.contains('='); }

bool is_interface(std::string_view text) {
  return is_one_word(text) && text.size() <= kLongestInterface && !text.contains('/');
}

}  // namespace bastion::follow
