// A document that is put together as it is read, whatever it is written in: it is bounded in depth, and an object says
// nothing twice.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace bastion::admin {

class DocumentBuilder {
 public:
  using Json = nlohmann::json;
  // What is wrong with what was given; nothing when it was taken.
  using Wrong = std::optional<std::string>;

  // A value, or, where an object expects one, a key.
  [[nodiscard]] Wrong put(Json value);
  // A list or an object, to be filled until leave().
  [[nodiscard]] Wrong enter(Json empty);
  void leave() { open_.pop_back(); }

  [[nodiscard]] bool is_key_next() const;
  // Where the next value will stand, as errors name it: `containers[3], shares[0], user`; empty for the document
  // itself.
  [[nodiscard]] std::string where() const;
  [[nodiscard]] Json take() { return std::move(document_); }

 private:
  // A list or an object that is being filled. Its address stays: nothing is added to what contains it meanwhile.
  struct Open {
    Json* value;
    std::string key = {};   // of an object: the last one
    bool has_value = true;  // which is complete with its value; without it, that comes next
  };

  // Returns where the value stands now.
  Json* place(Json value);

  Json document_;
  std::vector<Open> open_;
};

}  // namespace bastion::admin
