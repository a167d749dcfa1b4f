// What has happened: sessions that were, and the audit. Filters that the bastion knows are asked of it, the rest is looked
// for in what has come.

import { address, element, fill, link, named } from "./element.js";
import { button, choice, container_link, failure, form, found, input, labelled, state, time, way, way_text } from "./parts.js";
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
  return named(row.reason ? words(row.reason) : "unknown", { class: "bad" });
}

function play_cell(row) {
  return row.recordings ? play_link(row.recordings, { label: `Play the session of ${row.user}` }) : null;
}

const kSessions = {
  caption: "Sessions that were",
  empty: "No session is like this.",
  columns: [
    { label: "Opened", value: (row) => row.opened, text: (row) => row.opened, show: (row) => time(row.opened) },
    { label: "User", value: (row) => row.user, text: (row) => row.user, show: (row) => link(row.user, "user", row.user) },
    { label: "Container", value: (row) => row.container, text: (row) => row.container ?? "", show: (row) => (row.container ? container_link(row.container) : "–") },
    { label: "From", value: (row) => row.from, text: (row) => row.from },
    { label: "Way", text: (row) => way_text(row.route), show: (row) => (row.container ? way(row.route) : "–") },
    { label: "Lasted", numeric: true, value: (row) => lasted(row), text: (row) => (row.closed ? duration(lasted(row)) : "–") },
    { label: "Sent", numeric: true, value: (row) => row.bytes_from_user, text: (row) => bytes(row.bytes_from_user) },
    { label: "Got", numeric: true, value: (row) => row.bytes_from_container, text: (row) => bytes(row.bytes_from_container) },
    { label: "Ended because", value: (row) => row.reason, text: (row) => `${row.reason} ${row.closed}`, show: ended_because },
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

const kAudit = {
  caption: "Audit",
  empty: "No row is like this.",
  columns: [
    { label: "When", value: (row) => row.at, text: (row) => row.at, show: (row) => time(row.at) },
    { label: "Who", value: (row) => row.user, text: (row) => row.user ?? "", show: (row) => (row.user ? named(row.user, { class: "strong" }) : "–") },
    { label: "Did", value: (row) => row.action, text: (row) => row.action },
    { label: "On what", value: (row) => row.subject, text: (row) => row.subject || "–" },
    { label: "Outcome", value: (row) => row.outcome, text: (row) => row.outcome, show: (row) => named(row.outcome, { class: kOutcomes[row.outcome] ?? "bad" }) },
    { label: "From", value: (row) => row.from, text: (row) => row.from ?? "–" },
    { label: "Detail", wide: true, text: (row) => row.detail ?? "–" },
  ],
  key: (row) => `${row.node ?? ""}:${row.id}`,
  fields_of: (row) => [row.user, row.action, row.subject, row.outcome, row.from, row.detail, row.key, row.session],
  at: (row) => row.at,
};

class HistoryPage {
  #kind;
  #table;
  #rows = [];
  #asked = 0;
  #all = false;
  #recordings = new Map(); // by session
  #text = input({ type: "search", placeholder: "any word" });
  #user = input({ type: "search", placeholder: "everybody" });
  #since = choice(kSince, "");
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");
  #more = button("Look further back", () => this.#load(true), { hidden: true });

  constructor(page, main, kind, user) {
    this.#kind = kind;
    this.#user.value = user ?? "";
    const what = kind === "audit" ? kAudit : kSessions;
    this.#table = new Table({ ...what, order: null });
    this.#text.addEventListener("input", () => this.#show());
    const tab = (name, text) => element("a", { href: address("history", name), "aria-current": name === kind ? "page" : null }, text);
    const tabs = [page.may("session list") ? tab("sessions", "Sessions") : null, page.may("audit list") ? tab("audit", "Audit") : null];
    const asks = form(() => this.#load(false), labelled("Contains", this.#text), labelled("User", this.#user), labelled("Since", this.#since), element("button", { type: "submit" }, "Search"));
    fill(main, element("h1", { tabindex: "-1" }, "History"), element("nav", { class: "tabs", "aria-label": "Kinds of history" }, tabs), element("section", { class: "card", "aria-label": what.caption }, asks, this.#said, this.#trouble, this.#table.element, this.#more));
    this.#load(false);
    if (kind !== "audit") this.#load_recordings(page);
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

  async #load_recordings(page) {
    this.#recordings = await recordings_by_session(page);
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
    const what = this.#kind === "audit" ? kAudit : kSessions;
    const hours = kHours[this.#since.value];
    const from = hours ? Date.now() - hours * 3600 * 1000 : 0;
    const recent = this.#rows.filter((row) => new Date(what.at(row)).getTime() >= from);
    for (const row of this.#kind === "audit" ? [] : recent) row.recordings = this.#recordings.get(row.id);
    const shown = found(recent, this.#text.value, what.fields_of);
    this.#table.update(shown);
    const reach = this.#rows.length ? `, back to ${moment(what.at(this.#rows.at(-1)))}` : "";
    this.#said.textContent = `${count_of(shown.length, "row")} of ${this.#rows.length} looked at${reach}${this.#all ? ": that is all there is" : ""}`;
    this.#more.hidden = this.#all;
  }
}

export const history = {
  title: "History",
  open: (page, main, [kind, user]) => new HistoryPage(page, main, kind === "audit" ? "audit" : "sessions", user),
};
