// Ends sessions: asks first, says what came of it.

import { ask } from "./question.js";
import { run } from "./server.js";
import { duration } from "./text.js";

export async function end_session(page, session, { me = false } = {}) {
  const whose = me ? "your session" : `the session of ${session.user}`;
  const since = (Date.now() - new Date(session.since ?? session.opened).getTime()) / 1000;
  const details = [`It leads to ${session.container ?? "no container"}, comes from ${session.from}, and has been open for ${duration(since)}.`];
  if (me) details.push("What runs in it without a terminal multiplexer ends too.");
  else details.push("They are told that an administrator has ended it, and the audit has who did.");
  if (session.id === page.who.session) details.push("It carries this window, which ends with it.");
  if (!(await ask({ title: `End ${whose}?`, details, yes: "End the session", no: "Leave it open" }))) return false;
  const answer = await run(["session", "kill", session.id], { me, confirmed: true });
  if (answer.status === 0) page.notices.show(answer.output?.message ?? `session ${session.id} ended`);
  else page.notices.show(answer.error || "the session was not ended", "refused");
  return answer.status === 0;
}
