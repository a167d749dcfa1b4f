// Recordings: the list, and the player. The player is asciinema's; it works in a thread of its own, so that a long recording
// holds up nothing else.

import { address, element, fill, link, named } from "./element.js";
import { button_link, choice, container_link, failure, found, input, labelled, session_link, time } from "./parts.js";
import { recording_of, run } from "./server.js";
import { Table } from "./table.js";
import { bytes, count_of, duration } from "./text.js";

const kLimit = 1000;
const kNone = "Nothing has been recorded. The setting “record” says what is.";
// A terminal is drawn no larger than this, whatever it said of itself.
const kMostColumns = 500;
const kMostRows = 200;
const kSpeeds = [["0.5", "half as fast"], ["1", "as it was"], ["2", "twice as fast"], ["4", "four times"], ["8", "eight times"]];

// The id of a recording is that of its session and a number.
function session_of(id) {
  return id.replace(/-\d+$/, "");
}

// Every recording that can be played, the latest first, by the session it is of: a session has one for each terminal.
export async function recordings_by_session(page) {
  const by_session = new Map();
  if (!page.may("session recordings")) return by_session;
  const answer = await run(["session", "recordings", "--limit", String(kLimit)]);
  for (const { id } of answer.status === 0 ? answer.output : []) {
    const session = session_of(id);
    by_session.set(session, [...(by_session.get(session) ?? []), id]);
  }
  return by_session;
}

// To the recording of a session, or to the list of those it has.
export function play_link(ids, { text = "Play", label = null, small = true } = {}) {
  const href = ids.length === 1 ? address("recording", ids[0]) : address("recordings", session_of(ids[0]));
  return element("a", { class: small ? "button small" : "button", href, "aria-label": label }, ids.length === 1 ? text : `${text} (${ids.length})`);
}

const kColumns = [
  { label: "Began", value: (row) => row.began, text: (row) => row.began, show: (row) => time(row.began) },
  { label: "User", value: (row) => row.user, text: (row) => row.user ?? "–", show: (row) => link(row.user, "user", row.user) },
  { label: "Container", value: (row) => row.container, text: (row) => row.container ?? "–", show: (row) => container_link(row.container) },
  { label: "From", value: (row) => row.from, text: (row) => row.from ?? "–" },
  { label: "What", wide: true, value: (row) => row.command, text: (row) => row.command ?? "", show: (row) => (row.command ? named(row.command, { class: "code" }) : "terminal") },
  { label: "Session", text: (row) => row.id, show: (row) => session_link(session_of(row.id)) },
  { label: "Lasts", numeric: true, value: (row) => row.seconds, text: (row) => duration(row.seconds) },
  { label: "Size", numeric: true, value: (row) => row.bytes, text: (row) => bytes(row.bytes) },
  { label: "Play", actions: true, text: (row) => row.id, show: (row) => element("a", { class: "button small first", href: address("recording", row.id), "aria-label": `Play the session of ${row.user}` }, "Play") },
];

class RecordingsPage {
  #page;
  #rows = [];
  #table = new Table({ caption: "Recordings", columns: kColumns, key: (row) => row.id, empty: kNone });
  #filter = input({ type: "search", placeholder: "user, container, command…" });
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");

  constructor(page, main, filter) {
    this.#page = page;
    this.#filter.value = filter ?? "";
    this.#filter.addEventListener("input", () => this.#show());
    fill(main, element("h1", { tabindex: "-1" }, "Recordings"), element("section", { class: "card", "aria-label": "Recordings" }, element("div", { class: "above" }, labelled("Find a recording", this.#filter, { unseen: true }), this.#said), this.#trouble, this.#table.element));
    this.#load();
  }

  update() {}
  close() {}

  async #load() {
    this.#said.textContent = "Asking the bastion…";
    const answer = await run(["session", "recordings", "--limit", String(kLimit)]);
    this.#said.textContent = "";
    if (answer.status !== 0) return fill(this.#trouble, failure(answer.error));
    this.#rows = answer.output;
    return this.#show();
  }

  #show() {
    const shown = found(this.#rows, this.#filter.value, (row) => Object.values(row));
    const all = this.#rows.length;
    this.#table.update(shown, all ? "No recording has these words." : kNone);
    const many = all < kLimit ? count_of(all, "recording") : `the latest ${all} recordings`;
    this.#said.textContent = shown.length === all ? many : `${shown.length} of ${many}`;
    this.#page.moved({}, "recordings", [this.#filter.value.trim()].filter(Boolean));
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

// Of a header or of a change of size; what is no size is none.
function bounded(columns, rows) {
  const within = (size, most) => Math.min(Math.max(Math.trunc(size) || 1, 1), most);
  return [within(columns, kMostColumns), within(rows, kMostRows)];
}

// The same recording for a terminal that can be drawn.
function drawable(data) {
  const size = (line) => {
    try {
      const said = JSON.parse(line);
      if (!Array.isArray(said)) [said.width, said.height] = bounded(said.width, said.height);
      else if (said[1] === "r") said[2] = bounded(...String(said[2]).split("x").map(Number)).join("x");
      return JSON.stringify(said);
    } catch {
      return line;
    }
  };
  return data.replace(/^\{.*|^\[[^,]*, *"r",.*/gm, size);
}

class PlayerPage {
  #page;
  #id;
  #facts = element("p", { class: "facts about" });
  #screen = element("div", { class: "screen" });
  #trouble = element("div");
  #speed = choice(kSpeeds, "1");
  #short = input({ type: "checkbox", checked: true });
  #playing = null;
  #closed = false;
  #begun = 0; // the one that counts when several were asked for
  #data = null;

  constructor(page, main, id) {
    this.#page = page;
    this.#id = id;
    const again = () => this.#begin();
    this.#speed.addEventListener("change", again);
    this.#short.addEventListener("change", again);
    const save = element("a", { class: "button", href: recording_of(id), download: `${id.replace(/[^\w.-]/g, "_")}.cast` }, "Save the file");
    const pauses = element("div", { class: "labelled check" }, this.#short, element("label", { for: this.#short.id }, "Shorten pauses to two seconds"));
    const keys = element("p", { class: "hint" }, "Space plays and stops, the arrows go back and on by five seconds, . goes on by one step, f fills the screen. asciinema plays the file too.");
    fill(
      main,
      element("h1", { tabindex: "-1" }, "Recording ", named(id, { class: "code" })),
      this.#facts,
      element("p", { class: "links" }, button_link("All recordings", "recordings"), button_link("The session", "session", session_of(id)), save),
      element("section", { class: "card player", "aria-label": "Player" }, element("div", { class: "above" }, labelled("Speed", this.#speed), pauses), this.#trouble, this.#screen, keys),
    );
    this.#begin();
    this.#load_facts();
  }

  update() {}

  close() {
    this.#closed = true;
    this.#playing?.dispose();
  }

  async #load_facts() {
    if (!this.#page.may("session recordings")) return;
    const answer = await run(["session", "recordings", "--limit", String(kLimit)]);
    const row = answer.status === 0 ? answer.output.find((each) => each.id === this.#id) : null;
    if (!row) return;
    fill(
      this.#facts,
      element("span", {}, link(row.user, "user", row.user), " in ", container_link(row.container)),
      element("span", {}, "from ", named(row.from)),
      time(row.began),
      element("span", {}, duration(row.seconds)),
      row.command ? named(row.command, { class: "code" }) : null,
    );
  }

  async #begin() {
    const mine = (this.#begun += 1);
    this.#playing?.dispose();
    this.#playing = null;
    fill(this.#trouble);
    this.#screen.hidden = false;
    try {
      const [{ create }, data] = await Promise.all([load_player(), this.#recording()]);
      if (this.#closed || mine !== this.#begun) return;
      // On something narrow it is as high as it becomes by its width.
      const fit = matchMedia("(max-width: 760px)").matches ? "width" : "both";
      const options = { fit, controls: true, autoPlay: true, preload: true, speed: Number(this.#speed.value), terminalFontSize: "15px" };
      if (this.#short.checked) options.idleTimeLimit = 2;
      this.#playing = create({ data }, this.#screen, "/assets/asciinema-player-worker.min.js", options);
      // By itself it is out of reach for the Tab key.
      for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", "Terminal of the recording"]]) this.#playing.el.setAttribute(name, value);
    } catch (reason) {
      if (mine !== this.#begun) return;
      this.#screen.hidden = true;
      fill(this.#trouble, failure(reason.message));
    }
  }

  // Asked for once; that is one row in the audit.
  async #recording() {
    if (this.#data === null) {
      const response = await fetch(recording_of(this.#id), { cache: "no-store" });
      if (response.status === 404) throw new Error("there is no recording of this session here");
      if (!response.ok) throw new Error(`the bastion answers ${response.status}`);
      this.#data = drawable(await response.text());
    }
    return this.#data;
  }
}

export const recordings = { title: "Recordings", open: (page, main, [filter]) => new RecordingsPage(page, main, filter) };
export const recording = { title: "Recording", under: "recordings", names: 1, open: (page, main, [id]) => new PlayerPage(page, main, id) };
