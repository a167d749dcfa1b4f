// libssh as a whole: make one before threads start, and let it live until they have ended.
#pragma once

namespace bastion::transport {

class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

}  // namespace bastion::transport
