#include "bastion/window/route.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace bastion::window {

using Fields = std::vector<http::Field>;
using http::Status;

// As the window's own page asks.
http::Request asked(std::string method, std::string path, Fields more = {}) {
  http::Request request{.method = std::move(method), .path = std::move(path)};
  request.fields = {{"host", "localhost:8080"}};
  for (auto& one : more) {
    std::erase_if(request.fields, [&](const http::Field& field) { return field.name == one.name; });
    request.fields.push_back(std::move(one));
  }
  return request;
}
const Fields kFromPage{{"origin", "http://localhost:8080"},
                       {"sec-fetch-site", "same-origin"},
                       {"content-type", "application/json; charset=utf-8"},
                       {"x-bastion-window", "1"}};
Fields with(Fields fields, std::string name, std::string value) {
  fields.push_back({std::move(name), std::move(value)});
  return fields;
}
Status status_of(const http::Request& request) {
  const auto route = route_of(request, "bastion:80");
  const auto* const refused = std::get_if<Refused>(&route);
  return refused == nullptr ? Status::ok : refused->status;
}

TEST_CASE("window route: what there is") {
  CHECK(std::get<const Asset*>(route_of(asked("GET", "/"), "bastion:80"))->name == "index.html");
  CHECK(std::get<const Asset*>(route_of(asked("HEAD", "/assets/index.html"), "bastion:80"))->name == "index.html");
  CHECK(std::holds_alternative<WhoRoute>(route_of(asked("GET", "/api/who"), "bastion:80")));
  CHECK(std::holds_alternative<LiveRoute>(route_of(asked("GET", "/api/live"), "bastion:80")));
  CHECK(std::holds_alternative<RunRoute>(route_of(asked("POST", "/api/run", kFromPage), "bastion:80")));
  CHECK(std::get<RecordingRoute>(route_of(asked("GET", "/api/recordings/mvmccbpz"), "bastion:80")).id == "mvmccbpz");
  CHECK(std::get<RecordingRoute>(route_of(asked("GET", "/api/recordings/a-2_.1"), "bastion:80")).id == "a-2_.1");
}

TEST_CASE("window route: what there is not") {
  for (const auto* const path :
       {"/x", "/assets/", "/assets/no.js", "/assets/../index.html", "/assets/%69ndex.html", "/api", "/api/recordings/",
        "/api/recordings/a/b", "/api/recordings/..", "/api/recordings/-a", "/api/recordings/a%2e", "//"}) {
    CAPTURE(path);
    CHECK(status_of(asked("GET", path)) == Status::not_found);
  }
  CHECK(status_of(asked("GET", "/api/recordings/" + std::string(65, 'a'))) == Status::not_found);
  for (const auto* const method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "get"}) {
    CAPTURE(method);
    CHECK(status_of(asked(method, "/api/who", kFromPage)) == Status::method_not_allowed);
  }
  CHECK(status_of(asked("GET", "/api/run", kFromPage)) == Status::method_not_allowed);
  CHECK(status_of(asked("OPTIONS", "/api/run", kFromPage)) == Status::method_not_allowed);
}

TEST_CASE("window route: a host is this machine's, or the name that was asked for") {
  struct Case {
    std::string_view host;
    bool is_own;
  };
  const std::vector<Case> cases{
      {"localhost", true},
      {"LocalHost:8080", true},
      {"127.0.0.1:1", true},
      {"[::1]", true},
      {"[::1]:65535", true},
      {"bastion:80", true},
      {"bastion:8080", false},
      {"BASTION", true},
      {"", false},
      {":8080", false},
      {"localhost:", false},
      {"localhost:123456", false},
      {"localhost:8a", false},
      {"localhost.", false},
      {"localhost.evil.example", false},
      {"evil.example", false},
      {"127.0.0.2", false},
      {"[::1", false},
      {"[::1]x", false},
      {"::1", false},
      {"[::2]", false},
      {"localhost@evil", false},
      {"evil/localhost", false},
      {"0.0.0.0", false},
      {"127.1", false},
      {"localhost:80:80", false},
      {"bastion.example", false},
  };
  for (const auto& one : cases) {
    CAPTURE(one.host);
    CHECK(is_own_host(one.host, "bastion:80") == one.is_own);
    for (const auto* const path : {"/", "/assets/index.html", "/api/who", "/api/live"}) {
      const auto status = status_of(asked("GET", path, {{"host", std::string(one.host)}}));
      CHECK(status == (one.is_own ? Status::ok : Status::forbidden));
    }
  }
  // Through `ssh -D`; at a port of this machine's, that name is somebody else's.
  CHECK(is_own_host("look:8080", "look:8080"));
  CHECK_FALSE(is_own_host("look", "look:8080"));
  CHECK_FALSE(is_own_host("look:9090", "look:8080"));
  auto none = asked("GET", "/");
  none.fields.clear();
  CHECK(status_of(none) == Status::forbidden);
  auto two = asked("GET", "/");
  two.fields.push_back({"host", "localhost"});
  CHECK(status_of(two) == Status::forbidden);
}

TEST_CASE("window route: another page of the same browser may use nothing") {
  const std::vector<http::Field> wrong{
      {"origin", "http://localhost:3000"},
      {"origin", "http://localhost"},
      {"origin", "https://localhost:8080"},
      {"origin", "null"},
      {"origin", ""},
      {"origin", "http://evil.example"},
      {"origin", "http://127.0.0.1:8080"},
      {"sec-fetch-site", "cross-site"},
      {"sec-fetch-site", "same-site"},
      {"sec-fetch-site", ""},
  };
  for (const auto& one : wrong) {
    CAPTURE(one.name);
    CAPTURE(one.value);
    CHECK(status_of(asked("GET", "/api/who", {one})) == Status::forbidden);
    CHECK(status_of(asked("GET", "/api/live", {one})) == Status::forbidden);
    CHECK(status_of(asked("GET", "/assets/index.html", {one})) == Status::forbidden);
    auto fields = kFromPage;
    std::erase_if(fields, [&](const http::Field& field) { return field.name == one.name; });
    CHECK(status_of(asked("POST", "/api/run", with(fields, one.name, one.value))) == Status::forbidden);
  }
  // A link may lead to the page.
  CHECK(status_of(asked("GET", "/", {{"sec-fetch-site", "cross-site"}})) == Status::ok);
  CHECK(status_of(asked("GET", "/", {{"sec-fetch-site", "none"}})) == Status::ok);
}

TEST_CASE("window route: what is run comes from a page of ours") {
  const auto without = [](std::string_view name) {
    auto fields = kFromPage;
    std::erase_if(fields, [&](const http::Field& field) { return field.name == name; });
    return fields;
  };
  CHECK(status_of(asked("POST", "/api/run", kFromPage)) == Status::ok);
  CHECK(status_of(asked("POST", "/api/run", without("origin"))) == Status::ok);
  CHECK(status_of(asked("POST", "/api/run", without("x-bastion-window"))) == Status::forbidden);
  CHECK(status_of(asked("POST", "/api/run", without("content-type"))) == Status::wrong_type);
  for (const auto* const type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                                 "text/plain; application/json", "application/jsonx", ""}) {
    CAPTURE(type);
    CHECK(status_of(asked("POST", "/api/run", with(without("content-type"), "content-type", type))) ==
          Status::wrong_type);
  }
}

}  // namespace bastion::window
