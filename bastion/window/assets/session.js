// One session, as it goes on. When it ends while it is looked at, the page stays and says so.

import { element, fill, link, named } from "./element.js";
import { end_session } from "./ending.js";
import { button, button_link, card, container_link, route_of, state, time } from "./parts.js";
import { play_link, recordings_by_session } from "./recordings.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { bytes, duration, moment, rate, words } from "./text.js";

function amount(all, each_second) {
  const now = rate(each_second, "");
  return now ? `${bytes(all)}, ${now}` : bytes(all);
}

class SessionPage {
  #page;
  #id;
  #seen = null;
  #over = false;
  #state = element("p", { class: "standing" });
  #figures = element("dl", { class: "fields" });
  #more = element("div");
  #card;
  #actions = element("div", { class: "buttons" });

  constructor(page, main, id) {
    this.#page = page;
    this.#id = id;
    this.#card = card("Session", this.#figures, this.#actions);
    fill(main, element("h1", { tabindex: "-1" }, "Session ", named(id, { class: "code" })), this.#state, this.#card, this.#more);
    this.update();
    if (page.who.role !== "user" && page.may("session show")) this.#load();
  }

  update() {
    const session = this.#page.live.sessions().find((each) => each.id === this.#id);
    if (session) this.#seen = session;
    if (!this.#page.live.snapshot) return;
    if (!session || session.ended) this.#ended(session);
    else this.#open(session);
  }

  close() {}

  #open(session) {
    this.#over = false;
    this.#figure("User", () => this.#user(session.user), session.user);
    this.#figure("Container", () => container_link(session.container), session.container);
    this.#figure("From", () => named(session.from, { class: "code" }), session.from);
    if (session.container) this.#figure("Route", () => route_of(session.route), JSON.stringify(session.route));
    this.#figure("Since", () => time(session.since), session.since);
    this.#figure("Open for", () => duration((Date.now() - new Date(session.since)) / 1000));
    this.#figure("Sent", () => amount(session.from_user, session.rate_from_user));
    this.#figure("Received", () => amount(session.from_container, session.rate_from_container));
    this.#figure("Channels", () => String(session.channels));
    this.#figure("Recorded", () => (session.recorded ? "yes" : "no"));
    if (this.#state.dataset.said !== "open") {
      this.#state.dataset.said = "open";
      const here = this.#id === this.#page.who.session;
      fill(this.#state, state("up", "open"), here ? element("span", { class: "badge" }, "this window") : null);
      const may = this.#page.may("session kill");
      const me = this.#page.who.role === "user";
      fill(this.#actions, this.#page.may("explain") ? button_link("Explain the login", "explain", session.user) : null, may ? button("End the session…", () => end_session(this.#page, this.#seen, { me }), { class: "danger" }) : null);
    }
  }

  #ended(session) {
    if (this.#over) return;
    this.#over = true;
    this.#state.dataset.said = "over";
    const when = session?.ended ? ` at ${moment(session.ended)}` : "";
    if (this.#seen) fill(this.#state, state("over", `This session ended${when}.`), " What you see is how it was.");
    fill(this.#actions);
    if (this.#page.may("session list") && this.#page.who.role !== "user") this.#load_end();
    else if (!this.#seen) this.#unknown();
  }

  #unknown() {
    this.#card.remove();
    fill(this.#state, element("span", {}, "There is no such session now, nor is there one in the history that is kept."));
  }

  #user(name) {
    return this.#page.may("user show") && this.#page.who.role !== "user" ? link(name, "user", name) : named(name, { class: "strong" });
  }

  // Why it ended, and whether there is something to play, is in the history.
  async #load_end() {
    const answer = await run(["session", "list", "--all", "--limit", "500"]);
    const row = answer.status === 0 ? answer.output.find((each) => each.id === this.#id) : null;
    if (!row && !this.#seen) return this.#unknown();
    if (!row) return;
    if (!this.#seen) this.#show_past(row);
    if (row.reason) this.#figure("Ended because", () => named(row.reason === "ok" ? "the user left" : words(row.reason).toLowerCase()), row.reason);
    const recordings = (await recordings_by_session(this.#page)).get(this.#id);
    if (recordings) this.#actions.append(play_link(recordings, { text: "Play the recording", small: false }));
  }

  #show_past(row) {
    const ended = row.closed ? ` at ${moment(row.closed)}` : "";
    fill(this.#state, state("over", `This session ended${ended}.`));
    this.#figure("User", () => this.#user(row.user), row.user);
    this.#figure("Container", () => container_link(row.container), row.container);
    this.#figure("From", () => named(row.from, { class: "code" }), row.from);
    if (row.container) this.#figure("Route", () => route_of(row.route), row.route);
    this.#figure("Since", () => time(row.opened), row.opened);
    if (row.closed) this.#figure("Lasted", () => duration((new Date(row.closed) - new Date(row.opened)) / 1000));
    this.#figure("Sent", () => bytes(row.bytes_from_user));
    this.#figure("Received", () => bytes(row.bytes_from_container));
    if (row.key) this.#figure("Key", () => named(row.key, { class: "code" }), row.key);
  }

  async #load() {
    const answer = await run(["session", "show", this.#id]);
    if (answer.status !== 0) return;
    const { key, tunnels = [] } = answer.output;
    if (key) this.#figure("Key", () => named(key, { class: "code" }), key);
    if (!tunnels.length) return;
    const names = Object.keys(tunnels[0]);
    const table = new Table({
      caption: "Tunnels",
      columns: names.map((name) => ({ label: words(name), text: (row) => String(row[name] ?? "–") })),
      key: (row) => JSON.stringify(row),
      empty: "No tunnel.",
    });
    table.update(tunnels);
    fill(this.#more, card("Tunnels", table.element));
  }

  #shown = new Map();

  // `as` says whether it has to be shown anew; without it, the text does.
  #figure(name, show, as = null) {
    const content = as === null ? show() : null;
    let line = this.#shown.get(name);
    if (!line) {
      line = { as: undefined, value: element("dd") };
      this.#shown.set(name, line);
      this.#figures.append(element("div", { class: name === "Key" ? "long" : null }, element("dt", {}, name), line.value));
    }
    const now = as ?? content;
    if (line.as === now) return;
    line.as = now;
    fill(line.value, content ?? show());
  }
}

export const session = { title: "Session", under: "now", names: 1, open: (page, main, [id]) => new SessionPage(page, main, id) };
