// Something that watches the messages of one channel pass between the user and the container: to record a terminal, to
// log what SFTP does, to count. It has no say in what passes, and its exceptions end the observation and nothing else.
//
// The relay asks its delegate for one when it sends a CHANNEL_OPEN on (Relay::Delegate::observer_of). For a session
// that is before its first request, so an observer hears all that makes the session what it is: the terminal and its
// size (pty-req, window-change; see session_start.h for what reads them), the environment, the shell, command or
// subsystem, and whether that was granted. A session may ask for another start when one was not granted; it has one
// observer, so no choice of requests gets it rid of an observer or gives it another.
//
// Channels that the bastion serves are not observed, and text of the bastion's own is not heard.
#pragma once

#include "bastion/connection/message.h"
#include "bastion/connection/side.h"

namespace bastion::connection {

// The channel owns its observer. What an observer refers to must outlive the relay.
class ChannelObserver {
 public:
  virtual ~ChannelObserver() = default;

  // A message on its way from `from` to the other side: DATA, EXTENDED_DATA, EOF, CLOSE, a request, or SUCCESS or
  // FAILURE. Not WINDOW_ADJUST: windows are between the two ends.
  //
  // In the order in which they pass, each of them once and after policy has had its say: a start that was replaced is
  // heard as what takes its place. A request that was refused is heard as one that no server knows and that fails in
  // its turn, or not at all where nobody waits for its answer; where a refused start ends the session, on_end()
  // follows. Answers come in the order of the questions.
  //
  // Heard before it is sent. Data may yet wait for the window of its receiver, and is lost when that has closed the
  // channel meanwhile. The message views the packet, for the time of the call; its recipient means nothing here.
  //
  // Called for every packet, on the thread that serves all others: return at once, and leave disks to others. The relay
  // must not be called from here.
  virtual void on_message(Side from, const Message& message) = 0;

  // Nothing of the channel passes any more: both sides have closed it, its opening or its start was refused, or one
  // side is gone. Whether it was closed in order can be told from the CLOSEs. Called once and last, unless the
  // observer has thrown; it is destroyed then. The relay must not be called from here.
  virtual void on_end() = 0;
};

}  // namespace bastion::connection
