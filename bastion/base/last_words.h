// A process that has to abort says what it said before: the log is given a moment to be written. Nothing is caught, and
// what reports a fault (a core dump, a sanitizer) does so as ever.
#pragma once

namespace bastion {

// On abort(), an exception that nobody catches, and faults: waits until `all_written`, a second at most. Handlers that
// somebody else has installed stay. `all_written` is called by a signal handler.
void leave_last_words(bool (*all_written)());

}  // namespace bastion
