// Recordings: the list, and the player. The player is asciinema's; it works in a thread of its own, so that a long recording
// holds up nothing else.

import { address, element, fill, link, named } from "./element.js";
import { choice, container_link, failure, found, input, labelled, time } from "./parts.js";
import { recording_of, run } from "./server.js";
import { Table } from "./table.js";
import { bytes, count_of, duration } from "./text.js";

const kLimit = 1000;
const kSpeeds = [["0.5", "half as fast"], ["1", "as it was"], ["2", "twice as fast"], ["4", "four times"], ["8", "eight times"]];

// Every recording that can be played, the latest first, by the session it is of: a session has one for each terminal.
export async function recordings_by_session(page) {
  const by_session = new Map();
  if (!page.may("session recordings")) return by_session;
  const answer = await run(["session", "recordings", "--limit", String(kLimit)]);
  for (const { id } of answer.status === 0 ? answer.output : []) {
    const session = id.replace(/-\d+$/, "");
    by_session.set(session, [...(by_session.get(session) ?? []), id]);
  }
  return by_session;
}

// To the recording of a session, or to the list of those it has.
export function play_link(ids, { text = "Play", label = null, small = true } = {}) {
  const href = ids.length === 1 ? address("recording", ids[0]) : address("recordings", ids[0].replace(/-\d+$/, ""));
  return element("a", { class: small ? "button small" : "button", href, "aria-label": label }, ids.length === 1 ? text : `${text} (${ids.length})`);
}

const kColumns = [
  { label: "Began", value: (row) => row.began, text: (row) => row.began, show: (row) => time(row.began) },
  { label: "User", value: (row) => row.user, text: (row) => row.user ?? "–", show: (row) => link(row.user, "user", row.user) },
  { label: "Container", value: (row) => row.container, text: (row) => row.container ?? "–", show: (row) => container_link(row.container) },
  { label: "From", value: (row) => row.from, text: (row) => row.from ?? "–" },
  { label: "What", wide: true, value: (row) => row.command, text: (row) => row.command ?? "", show: (row) => (row.command ? named(row.command, { class: "code" }) : "terminal") },
  { label: "Lasts", numeric: true, value: (row) => row.seconds, text: (row) => duration(row.seconds) },
  { label: "Size", numeric: true, value: (row) => row.bytes, text: (row) => bytes(row.bytes) },
  { label: "Play", actions: true, text: (row) => row.id, show: (row) => element("a", { class: "button small first", href: address("recording", row.id), "aria-label": `Play the session of ${row.user}` }, "Play") },
];

class RecordingsPage {
  #rows = [];
  #table = new Table({ caption: "Recordings", columns: kColumns, key: (row) => row.id, empty: "Nothing has been recorded." });
  #filter = input({ type: "search", placeholder: "user, container, command…" });
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");

  constructor(main, filter) {
    this.#filter.value = filter ?? "";
    this.#filter.addEventListener("input", () => this.#show());
    fill(main, element("h1", { tabindex: "-1" }, "Recordings"), element("section", { class: "card", "aria-label": "Recordings" }, element("div", { class: "above" }, labelled("Find a recording", this.#filter), this.#said), this.#trouble, this.#table.element));
    this.#load();
  }

  update() {}
  close() {}

  async #load() {
    const answer = await run(["session", "recordings", "--limit", String(kLimit)]);
    if (answer.status !== 0) return fill(this.#trouble, failure(answer.error));
    this.#rows = answer.output;
    return this.#show();
  }

  #show() {
    const shown = found(this.#rows, this.#filter.value, (row) => Object.values(row));
    this.#table.update(shown);
    this.#said.textContent = shown.length === this.#rows.length ? count_of(shown.length, "recording") : `${shown.length} of ${this.#rows.length}`;
  }
}

// The player and its looks are fetched when somebody plays something for the first time.
let player;
function load_player() {
  if (player) return player;
  const looks = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/assets/asciinema-player.css" });
  const script = Object.assign(document.createElement("script"), { src: "/assets/asciinema-player-ui.min.js" });
  // It reads its colours from the style sheet when it begins.
  player = Promise.all([fetched(looks), fetched(script)]).then(() => globalThis.AsciinemaPlayer);
  return player;
}

function fetched(part) {
  return new Promise((resolve, reject) => {
    part.addEventListener("load", resolve);
    part.addEventListener("error", () => reject(new Error("the player cannot be had from the bastion")));
    document.head.append(part);
  });
}

class PlayerPage {
  #id;
  #screen = element("div", { class: "screen" });
  #trouble = element("div");
  #speed = choice(kSpeeds, "1");
  #short = input({ type: "checkbox", checked: true });
  #playing = null;
  #closed = false;
  #begun = 0; // the one that counts when several were asked for

  constructor(page, main, id) {
    this.#id = id;
    const again = () => this.#begin();
    this.#speed.addEventListener("change", again);
    this.#short.addEventListener("change", again);
    const save = element("a", { class: "button", href: recording_of(id), download: `${id.replace(/[^\w.-]/g, "_")}.cast` }, "Save the file");
    fill(
      main,
      element("h1", { tabindex: "-1" }, "Recording ", named(id, { class: "code" })),
      element("p", { class: "links" }, element("a", { class: "button", href: address("recordings") }, "All recordings"), save),
      element("section", { class: "card player", "aria-label": "Player" }, element("div", { class: "above" }, labelled("Speed", this.#speed), element("div", { class: "labelled check" }, this.#short, element("label", { for: this.#short.id }, "Shorten pauses to two seconds"))), this.#trouble, this.#screen, element("p", { class: "hint" }, "Space plays and stops, the arrows go back and on by five seconds, . goes on by one step, f fills the screen. asciinema plays the file too.")),
    );
    this.#begin();
  }

  update() {}

  close() {
    this.#closed = true;
    this.#playing?.dispose();
  }

  async #begin() {
    const mine = (this.#begun += 1);
    this.#playing?.dispose();
    this.#playing = null;
    fill(this.#trouble);
    try {
      const [{ create }, data] = await Promise.all([load_player(), this.#recording()]);
      if (this.#closed || mine !== this.#begun) return;
      const options = { fit: "both", controls: true, autoPlay: true, preload: true, speed: Number(this.#speed.value), terminalFontSize: "15px" };
      if (this.#short.checked) options.idleTimeLimit = 2;
      this.#playing = create({ data }, this.#screen, "/assets/asciinema-player-worker.min.js", options);
      // By itself it is out of reach for the Tab key.
      for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", "Terminal of the recording"]]) this.#playing.el.setAttribute(name, value);
    } catch (reason) {
      if (mine === this.#begun) fill(this.#trouble, failure(reason.message));
    }
  }

  // Asked for once; that is one row in the audit.
  #data = null;
  async #recording() {
    if (this.#data === null) {
      const response = await fetch(recording_of(this.#id), { cache: "no-store" });
      if (response.status === 404) throw new Error("there is no recording of this session here");
      if (!response.ok) throw new Error(`the bastion answers ${response.status}`);
      this.#data = await response.text();
    }
    return this.#data;
  }
}

export const recordings = { title: "Recordings", open: (page, main, [filter]) => new RecordingsPage(main, filter) };
export const recording = { title: "Recording", under: "recordings", open: (page, main, [id]) => new PlayerPage(page, main, id) };
