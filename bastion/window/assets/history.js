// What has happened: sessions that were, and the audit. Filters that the bastion knows are asked of it, the rest is looked
// for in what has come.

import { address, element, fill, link, named } from "./element.js";
import { button, choice, container_link, failure, form, found, input, labelled, route_of, route_text, session_link, state, time } from "./parts.js";
import { play_link, recordings_by_session } from "./recordings.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { bytes, count_of, duration, moment, words } from "./text.js";

const kStep = 200;
const kSince = [
  ["", "any time"],
  ["1h", "the last hour"],
  ["24h", "the last day"],
  ["7d", "the last week"],
  ["30d", "the last month"],
];
const kHours = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

function ended_because(row) {
  if (!row.closed) return state("up", "open");
  if (row.reason === "ok") return "the user left";
  return named(row.reason ? words(row.reason).toLowerCase() : "unknown", { class: "bad" });
}

function play_cell(row) {
  return row.recordings ? play_link(row.recordings, { label: `Play the session of ${row.user}` }) : null;
}

const kSessions = {
  caption: "Sessions that were",
  one: "session",
  none: "Nobody has had a session yet.",
  columns: [
    { label: "Opened", value: (row) => row.opened, text: (row) => row.opened, show: (row) => time(row.opened) },
    { label: "User", value: (row) => row.user, text: (row) => row.user, show: (row) => link(row.user, "user", row.user) },
    { label: "Container", value: (row) => row.container, text: (row) => row.container ?? "", show: (row) => (row.container ? container_link(row.container) : "–") },
    { label: "From", value: (row) => row.from, text: (row) => row.from },
    { label: "Route", text: (row) => route_text(row.route), show: (row) => (row.container ? route_of(row.route) : "–") },
    { label: "Lasted", numeric: true, value: (row) => lasted(row), text: (row) => (row.closed ? duration(lasted(row)) : "–") },
    { label: "Sent", numeric: true, value: (row) => row.bytes_from_user, text: (row) => bytes(row.bytes_from_user) },
    { label: "Received", numeric: true, value: (row) => row.bytes_from_container, text: (row) => bytes(row.bytes_from_container) },
    { label: "Ended because", value: (row) => row.reason, text: (row) => `${row.reason} ${row.closed}`, show: ended_because },
    { label: "Session", text: (row) => row.id, show: (row) => session_link(row.id) },
    { label: "Recording", actions: true, text: (row) => row.recordings?.join(" ") ?? "", show: play_cell },
  ],
  key: (row) => `${row.node ?? ""}:${row.id}`,
  fields_of: (row) => [row.id, row.user, row.container, row.from, row.route, row.reason, row.key],
  at: (row) => row.opened,
};

function lasted(row) {
  return row.closed ? (new Date(row.closed) - new Date(row.opened)) / 1000 : null;
}

const kOutcomes = { done: "", ok: "", tried: "" };

// Of the audit: logins, and commands by whether they change something.
const kLooks = /(^| )(list|show|watch|play|export|recordings|verify|whoami|top|explain|route)$/;
const kComesAndGoes = /^(login|logout|enter|leave|tunnel)$/;
const kKinds = {
  all: ["everything", () => true],
  logins: ["logins and sessions", (row) => kComesAndGoes.test(row.action)],
  changes: ["changes", (row) => !kComesAndGoes.test(row.action) && !kLooks.test(row.action)],
  refused: ["what was refused or failed", (row) => !Object.hasOwn(kOutcomes, row.outcome)],
};

// "-" is the bastion itself, and `local` whoever sat on the machine.
function actor(name) {
  if (!name || name === "-") return "–";
  return name === "local" ? named(name) : link(name, "user", name);
}

const kAudit = {
  caption: "Audit",
  one: "row",
  none: "Nothing has happened yet.",
  columns: [
    { label: "When", value: (row) => row.at, text: (row) => row.at, show: (row) => time(row.at) },
    { label: "Who", value: (row) => row.user, text: (row) => row.user ?? "", show: (row) => actor(row.user) },
    { label: "Did", value: (row) => row.action, text: (row) => row.action },
    { label: "On what", value: (row) => row.subject, text: (row) => row.subject || "–" },
    { label: "Outcome", value: (row) => row.outcome, text: (row) => row.outcome, show: (row) => named(row.outcome, { class: kOutcomes[row.outcome] ?? "bad" }) },
    { label: "From", value: (row) => row.from, text: (row) => row.from ?? "–" },
    { label: "Session", text: (row) => row.session ?? "–", show: (row) => (row.session ? session_link(row.session) : "–") },
    { label: "Detail", wide: true, text: (row) => row.detail ?? "–" },
  ],
  key: (row) => `${row.node ?? ""}:${row.id}`,
  fields_of: (row) => [row.user, row.action, row.subject, row.outcome, row.from, row.detail, row.key, row.session],
  at: (row) => row.at,
};

class HistoryPage {
  #page;
  #kind;
  #what;
  #table;
  #rows = [];
  #asked = 0;
  #all = false;
  #recordings = new Map(); // by session
  #text = input({ type: "search", placeholder: "any word" });
  #user = input({ type: "search", placeholder: "everybody" });
  #since;
  #kinds;
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");
  #more = button("Look further back", () => this.#load(true), { hidden: true });

  constructor(page, main, kind, user, query) {
    this.#page = page;
    this.#kind = kind;
    this.#what = kind === "audit" ? kAudit : kSessions;
    this.#table = new Table({ ...this.#what, order: null, empty: this.#what.none });
    this.#user.value = user ?? "";
    this.#text.value = query.get("contains") ?? "";
    this.#since = choice(kSince, query.get("since") ?? "");
    this.#kinds = choice(Object.entries(kKinds).map(([name, [text]]) => [name, text]), query.get("kind") ?? "all");
    this.#text.addEventListener("input", () => this.#show());
    this.#kinds.addEventListener("change", () => this.#show());
    this.#since.addEventListener("change", () => this.#load(false));
    const tab = (name, text) => element("a", { href: address("history", name), "aria-current": name === kind ? "page" : null }, text);
    const tabs = [page.may("session list") ? tab("sessions", "Sessions") : null, page.may("audit list") ? tab("audit", "Audit") : null];
    const asks = form(
      () => this.#load(false),
      labelled("Contains", this.#text),
      labelled("User", this.#user),
      labelled("Since", this.#since),
      kind === "audit" ? labelled("What", this.#kinds) : null,
      element("button", { type: "submit" }, "Search"),
    );
    fill(
      main,
      element("h1", { tabindex: "-1" }, "History"),
      element("nav", { class: "tabs", "aria-label": "Kinds of history" }, tabs),
      element("section", { class: "card", "aria-label": this.#what.caption }, asks, this.#said, this.#trouble, this.#table.element, this.#more),
    );
    this.#load(false);
    if (kind !== "audit") this.#load_recordings();
  }

  update() {}
  close() {}

  async #load(further) {
    this.#said.textContent = "Asking the bastion…";
    const answer = await run(this.#words(further));
    if (answer.status !== 0) {
      this.#said.textContent = "";
      return fill(this.#trouble, failure(answer.error));
    }
    fill(this.#trouble);
    const rows = answer.output ?? [];
    this.#all = rows.length < this.#asked;
    this.#rows = further && this.#kind === "audit" ? [...this.#rows, ...rows] : rows;
    return this.#show();
  }

  async #load_recordings() {
    this.#recordings = await recordings_by_session(this.#page);
    if (this.#rows.length) this.#show();
  }

  // The audit goes back row by row; sessions come again with more of them.
  #words(further) {
    const user = this.#user.value.trim();
    const whose = user ? ["--user", user] : [];
    if (this.#kind === "sessions") {
      this.#asked = further ? this.#asked * 4 : kStep;
      return ["session", "list", "--all", "--limit", String(this.#asked), ...whose];
    }
    this.#asked = kStep;
    const since = this.#since.value ? ["--since", this.#since.value] : [];
    const last = further ? this.#rows.at(-1) : null;
    const before = last ? ["--before", last.node ? `${last.node}:${last.id}` : String(last.id)] : [];
    return ["audit", "list", "--limit", String(kStep), ...whose, ...since, ...before];
  }

  #show() {
    const shown = found(this.#wanted(), this.#text.value, this.#what.fields_of);
    this.#table.update(shown, this.#rows.length ? `No ${this.#what.one} is like this.` : this.#what.none);
    this.#said.textContent = this.#reach(shown.length);
    this.#more.hidden = this.#all;
    const query = { contains: this.#text.value.trim(), since: this.#since.value, kind: this.#kinds.value === "all" ? "" : this.#kinds.value };
    this.#page.moved(query, "history", [this.#kind, this.#user.value.trim()].filter(Boolean));
  }

  // Of those that have come.
  #wanted() {
    if (this.#kind === "audit") return this.#rows.filter(kKinds[this.#kinds.value][1]);
    const hours = kHours[this.#since.value];
    const from = hours ? Date.now() - hours * 3600 * 1000 : 0;
    const recent = this.#rows.filter((row) => new Date(row.opened).getTime() >= from);
    for (const row of recent) row.recordings = this.#recordings.get(row.id);
    return recent;
  }

  // How many there are, and how far back they reach.
  #reach(shown) {
    const all = this.#rows.length;
    if (!all) return "";
    const many = count_of(all, this.#what.one);
    const back = `back to ${moment(this.#what.at(this.#rows.at(-1)))}`;
    return `${shown === all ? many : `${shown} of ${many}`}, ${back}${this.#all ? ": all there are" : ""}`;
  }
}

export const history = {
  title: "History",
  open: (page, main, [kind, user], query) => new HistoryPage(page, main, kind === "audit" ? "audit" : "sessions", user, query),
};
