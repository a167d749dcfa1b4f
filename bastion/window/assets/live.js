// The live picture: the latest snapshot, what has changed since the one before it, and the last minutes of throughput.

const kRemembered = 180; // samples of throughput: one each second
const kEndedStay = 120 * 1000;
const kNewFor = 8 * 1000;
const kAgain = 3000;
// Snapshots come each second: whoever is silent for so long is not there, whatever the connection says.
const kSilence = 15 * 1000;

// Strangers that were never let near a login have no id.
function kind_of({ id, at, from, reason, bastion }) {
  return [id, at, from, reason, bastion].join(" ");
}

export class Live extends EventTarget {
  snapshot = null;
  throughput = []; // {at, from_users, from_containers}, the oldest first
  ended = new Map(); // by id: {session, at}; they stay for a while
  arrived = new Map(); // by id: when
  state = "connecting"; // live, or closed
  refusal = null; // why it is closed, where the bastion has said so

  start() {
    this.#source = new EventSource("/api/live");
    this.#listen();
    this.#source.addEventListener("snapshot", (event) => this.#take(event.data));
    this.#source.addEventListener("refused", (event) => this.#refused(event.data));
    this.#source.addEventListener("error", () => this.#lost());
  }

  // Those that are open, and those that were until a moment ago.
  sessions() {
    const open = this.snapshot?.sessions ?? [];
    return [...open, ...[...this.ended.values()].map(({ session, at }) => ({ ...session, ended: at }))];
  }

  is_new(id) {
    return Date.now() - (this.arrived.get(id) ?? 0) < kNewFor;
  }

  #source = null;
  #silence = 0;

  #take(data) {
    let next;
    try {
      next = JSON.parse(data);
    } catch {
      return;
    }
    const before = this.snapshot;
    this.snapshot = next;
    this.throughput.push({ at: next.at, ...next.throughput });
    if (this.throughput.length > kRemembered) this.throughput.shift();
    this.refusal = null;
    this.#listen();
    this.#become("live");
    this.dispatchEvent(new CustomEvent("snapshot", { detail: this.#changes(before, next) }));
  }

  #changes(before, next) {
    const now = Date.now();
    const old = new Map((before?.sessions ?? []).map((session) => [session.id, session]));
    const open = new Set(next.sessions.map((session) => session.id));
    const left = [...old.values()].filter((session) => !open.has(session.id));
    const arrived = before ? next.sessions.filter((session) => !old.has(session.id)) : [];
    for (const session of left) this.ended.set(session.id, { session, at: now });
    for (const session of arrived) if (!this.ended.has(session.id)) this.arrived.set(session.id, now);
    for (const [id, { at }] of this.ended) if (open.has(id) || now - at > kEndedStay) this.ended.delete(id);
    for (const [id, at] of this.arrived) if (now - at > kNewFor) this.arrived.delete(id);
    const known = new Set((before?.refusals ?? []).map(kind_of));
    const refused = before ? (next.refusals ?? []).filter((refusal) => !known.has(kind_of(refusal))) : [];
    return { arrived, left, refused };
  }

  // From now on, for as long as it may be silent.
  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#hung(), kSilence);
  }

  #hung() {
    this.#become("closed");
    this.#source.close();
    this.start();
  }

  // It has nothing to show to whoever looks, and says why.
  #refused(data) {
    try {
      this.refusal = JSON.parse(data).error;
    } catch {
      return;
    }
  }

  #lost() {
    this.#become("closed");
    // The browser tries again by itself, unless it was told no.
    if (this.#source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => this.start(), kAgain);
    this.#ask_why();
  }

  // An event source does not tell with which words it was refused.
  async #ask_why() {
    const over = new AbortController();
    try {
      const answer = await fetch("/api/live", { cache: "no-store", signal: over.signal });
      this.refusal = answer.ok ? null : (await answer.text()).trim() || null;
      if (this.state === "closed") this.dispatchEvent(new Event("state"));
    } catch {
      this.refusal = null;
    } finally {
      over.abort();
    }
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
