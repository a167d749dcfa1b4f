// How the scheduler is to share the processor among a loop and others.
#pragma once

namespace bastion::loop {

// Asks for short slices for the calling thread (sched_setattr(2), Linux 6.12 and newer): it has no more of the
// processor than before, but waits less for each piece. Without it a thread that moves bulk waits milliseconds behind
// whatever else runs, and keystrokes with it. Elsewhere nothing changes.
void prefer_short_slices();

}  // namespace bastion::loop
