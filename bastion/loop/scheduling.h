// How the scheduler is to share the processor among the calling thread and others (sched_setattr(2)). Where the system
// refuses, nothing changes.
#pragma once

namespace bastion::loop {

// Asks for short slices (Linux 6.12 and newer): the thread has no more of the processor than before, but waits less for
// each piece. Without it a thread that moves bulk waits milliseconds behind whatever else runs, and keystrokes with it.
void prefer_short_slices();

// Asks for less of the processor, while others want it.
void let_others_first();

}  // namespace bastion::loop
