#include "bastion/oidc/http.h"

#include <curl/curl.h>

#include <array>
#include <cstddef>

namespace bastion::oidc {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} * 1024;
constexpr long kConnectSeconds = 10;
constexpr long kAllSeconds = 15;

struct CleanUp {
  void operator()(CURL* one) const { curl_easy_cleanup(one); }
};
using Handle = std::unique_ptr<CURL, CleanUp>;

// Of curl's; as many bytes as there were, or the transfer ends.
std::size_t take(char* bytes, std::size_t /*one*/, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + count > kMostBytes) return 0;
  text.append(bytes, count);
  return count;
}

std::string encoded(CURL* curl, std::string_view text) {
  char* const made = curl_easy_escape(curl, text.data(), static_cast<int>(text.size()));
  std::string result = made != nullptr ? made : "";
  curl_free(made);
  return result;
}

class Https final : public Http {
 public:
  explicit Https(std::filesystem::path ca_file) : ca_file_(std::move(ca_file)) {}

  Result<HttpAnswer> get(const std::string& address) override {
    const Handle curl(curl_easy_init());
    return run(curl.get(), address);
  }

  Result<HttpAnswer> post(const std::string& address, const Form& form, const std::optional<Login>& login) override {
    const Handle curl(curl_easy_init());
    if (!curl) return fail("libcurl cannot begin");
    std::string body;
    for (const auto& [name, value] : form) {
      body += (body.empty() ? "" : "&") + encoded(curl.get(), name) + "=" + encoded(curl.get(), value);
    }
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_COPYPOSTFIELDS, body.c_str());
    if (login) {
      curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      curl_easy_setopt(curl.get(), CURLOPT_USERNAME, encoded(curl.get(), login->name).c_str());
      curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, encoded(curl.get(), login->password).c_str());
    }
    return run(curl.get(), address);
  }

 private:
  Result<HttpAnswer> run(CURL* curl, const std::string& address) {
    if (curl == nullptr) return fail("libcurl cannot begin");
    HttpAnswer answer;
    std::array<char, CURL_ERROR_SIZE> why{};
    bool is_set = true;
    const auto set = [&](CURLoption option, auto value) {
      is_set = is_set && curl_easy_setopt(curl, option, value) == CURLE_OK;
    };
    set(CURLOPT_ERRORBUFFER, why.data());
    set(CURLOPT_URL, address.c_str());
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_TIMEOUT, kAllSeconds);
    set(CURLOPT_MAXFILESIZE, static_cast<long>(kMostBytes));
    set(CURLOPT_USERAGENT, "bastion");
    set(CURLOPT_WRITEFUNCTION, &take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
    if (!ca_file_.empty()) {
      set(CURLOPT_CAINFO, ca_file_.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!is_set) return fail("libcurl does not know what it is asked for");
    const auto outcome = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    if (outcome == CURLE_WRITE_ERROR || outcome == CURLE_FILESIZE_EXCEEDED) {
      answer.is_whole = false;
      return answer;
    }
    if (outcome != CURLE_OK) {
      return fail("{}", why[0] != '\0' ? std::string(why.data()) : curl_easy_strerror(outcome));
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

  std::filesystem::path ca_file_;
};

}  // namespace

Result<std::unique_ptr<Http>> make_https(const std::filesystem::path& ca_file) {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!is_ready) return fail("libcurl cannot begin");
  return std::make_unique<Https>(ca_file);
}

}  // namespace bastion::oidc
