#include "bastion/window/route.h"

#include <algorithm>
#include <array>
#include <optional>

namespace bastion::window {
namespace {

constexpr std::string_view kAssets = "/assets/";
constexpr std::string_view kRecordings = "/api/recordings/";
constexpr std::size_t kLongestId = 64;

constexpr Refused kOtherHost{
    http::Status::forbidden,
    "the window is at localhost, 127.0.0.1, [::1], or at the name and port it was asked for by\n"};
constexpr Refused kOtherOrigin{http::Status::forbidden, "another page may not use the window\n"};
constexpr Refused kNotOurs{http::Status::forbidden,
                           "this is for the pages of the window: X-Bastion-Window: 1 is missing\n"};
constexpr Refused kNotJson{http::Status::wrong_type, "the body has to be application/json\n"};
constexpr Refused kNothingThere{http::Status::not_found, "there is nothing here\n"};
constexpr Refused kNotThatWay{http::Status::method_not_allowed, "this is not what can be done here\n"};

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct Authority {
  std::string_view name;
  std::string_view port;
};
// Nothing where its port is none.
std::optional<Authority> parse_authority(std::string_view text) {
  constexpr std::size_t kMostDigits = 5;
  constexpr std::string_view kHttp = "80";
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const auto colon = text.find(':', bracket);
  if (colon == std::string_view::npos) return Authority{text, kHttp};
  const auto port = text.substr(colon + 1);
  if (port.empty() || port.size() > kMostDigits || !are_digits(port)) return std::nullopt;
  return Authority{text.substr(0, colon), port};
}

bool is_same(std::string_view one, std::string_view other) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(one, other, {}, small, small);
}

bool is_from_own_page(const http::Request& request, std::string_view host) {
  constexpr std::string_view kScheme = "http://";
  if (!request.has("origin")) return true;
  const auto origin = request.field("origin");
  return origin && origin->starts_with(kScheme) && is_same(origin->substr(kScheme.size()), host);
}

// Another port of localhost is the same site, and another origin.
bool is_fetched_by_own_page(const http::Request& request) {
  if (!request.has("sec-fetch-site")) return true;
  const auto site = request.field("sec-fetch-site");
  return site && (*site == "same-origin" || *site == "none");
}

bool is_json(const http::Request& request) {
  const auto type = request.field("content-type");
  return type && is_same(type->substr(0, type->find_first_of("; ")), "application/json");
}

bool is_id(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kLongestId && is_plain(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
}

// A link may lead to it from anywhere: it shows nothing by itself, and may be in no frame.
constexpr std::array<std::string_view, 2> kPages{"/", "/index.html"};

Route asset_route(std::string_view name) {
  const auto* const asset = find_asset(name);
  return asset == nullptr ? Route(kNothingThere) : Route(asset);
}

Route run_route(const http::Request& request) {
  if (request.method != "POST") return kNotThatWay;
  if (request.field("x-bastion-window") != "1") return kNotOurs;
  return is_json(request) ? Route(RunRoute{}) : Route(kNotJson);
}

Route reading_route(const http::Request& request) {
  const std::string_view path = request.path;
  if (path == "/api/who") return WhoRoute{};
  if (path == "/api/live") return LiveRoute{};
  if (path.starts_with(kRecordings) && is_id(path.substr(kRecordings.size()))) {
    return RecordingRoute{std::string(path.substr(kRecordings.size()))};
  }
  return path.starts_with(kAssets) ? asset_route(path.substr(kAssets.size())) : kNothingThere;
}

}  // namespace

bool is_own_host(std::string_view authority, std::string_view asked) {
  constexpr std::array<std::string_view, 3> kOwn{"localhost", "127.0.0.1", "[::1]"};
  const auto here = parse_authority(authority);
  if (!here || here->name.empty()) return false;
  if (std::ranges::any_of(kOwn, [&](std::string_view own) { return is_same(here->name, own); })) return true;
  const auto there = parse_authority(asked);
  return there && is_same(here->name, there->name) && here->port == there->port;
}

Route route_of(const http::Request& request, std::string_view asked) {
  const auto host = request.field("host");
  if (!host || !is_own_host(*host, asked)) return kOtherHost;
  if (!is_from_own_page(request, *host)) return kOtherOrigin;
  const bool is_page = std::ranges::find(kPages, request.path) != kPages.end();
  if (!is_page && !is_fetched_by_own_page(request)) return kOtherOrigin;
  if (request.path == "/api/run") return run_route(request);
  if (!request.reads()) return kNotThatWay;
  return is_page ? asset_route("index.html") : reading_route(request);
}

}  // namespace bastion::window
