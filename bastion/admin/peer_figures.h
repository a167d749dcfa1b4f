// What processes that serve from one state directory have counted, as they tell each other: samples of the metrics by
// their names, so that processes of different releases understand each other.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace bastion::admin {

using PeerSamples = std::map<std::string, double, std::less<>>;

struct PeerFigures {
  std::string id;                             // no other process has it, before or after; empty: it counts nothing
  PeerSamples samples;                        // of that process
  std::map<std::string, PeerSamples> others;  // what it knows of others, by their ids
};

// Who has them in this process. Called on the thread of the endpoint.
class PeerFiguresKeeper {
 public:
  virtual ~PeerFiguresKeeper() = default;

  // `take` is called once, on any thread, soon, unless the process ends before.
  virtual void ask_figures(std::function<void(PeerFigures)> take) = 0;
  // Another process ends with these.
  virtual void take_last(const std::string& id, const PeerSamples& samples) = 0;
};

}  // namespace bastion::admin
