// What is happening: sessions, throughput, who was refused and why, backends, strangers.

import { BackendMap } from "./backend_map.js";
import { Chart } from "./chart.js";
import { address, element, fill, named } from "./element.js";
import { card, found, input, labelled, time, way_text } from "./parts.js";
import { run } from "./server.js";
import { session_table } from "./session_table.js";
import { count_of, rate, words } from "./text.js";

const kRefusalsShown = 12;

function tile(label) {
  const value = element("p", { class: "value" }, "–");
  return { value, element: element("div", { class: "tile" }, element("p", { class: "label" }, label), value) };
}

// What stood before the @: a sentence that names a container is about that one.
function login_of({ user, sentence }) {
  const [, container] = /\bcontainer (?:named )?([^\s;,]+)/.exec(sentence ?? "") ?? [];
  return container && container !== "yet" ? `${user}+${container}` : user;
}

function why_link(refused) {
  const asked = new URLSearchParams({ from: refused.from, said: refused.sentence ?? "" });
  return element("a", { class: "why", href: `${address("explain", login_of(refused))}?${asked}` }, "Why?", element("span", { class: "unseen" }, ` Explain the login of ${refused.user}`));
}

function refusal(page, refused) {
  const { at, from, user, reason, sentence } = refused;
  const why = user && page.may("explain") ? why_link(refused) : null;
  return element(
    "li",
    {},
    element("p", { class: "sentence" }, named(sentence || words(reason))),
    element("p", { class: "facts" }, time(at), element("span", {}, user ? named(user, { class: "strong" }) : "a stranger", " from ", named(from)), element("span", { class: "code faint" }, named(reason)), why),
  );
}

// Counters by fate, the largest first; those that are nought are left out.
function fates(strangers) {
  const told = Object.entries(strangers ?? {}).filter(([, count]) => count > 0);
  if (!told.length) return element("p", { class: "empty" }, "Nobody has come yet.");
  told.sort((a, b) => b[1] - a[1]);
  const most = told[0][1];
  const rows = told.map(([fate, count]) => element("li", {}, element("span", { class: "fate" }, words(fate)), element("span", { "aria-hidden": "true", class: `bar share-${Math.max(1, Math.round((10 * count) / most))}` }), element("span", { class: "number" }, count)));
  return element("ul", { class: "fates" }, rows);
}

class NowPage {
  #page;
  #containers = [];
  #drawn = {};
  #tiles = { sessions: tile("sessions"), users: tile("from users"), containers: tile("from containers"), refused: tile("refused lately") };
  #chart = new Chart();
  #map = new BackendMap();
  #filter = input({ type: "search", placeholder: "user, container, address…" });
  #count = element("p", { class: "count" });
  #refusals = element("div");
  #strangers = element("div");
  #loops = element("p", { class: "facts" });
  #missing = element("p", { class: "failure", hidden: true });
  #sessions;

  constructor(page, main) {
    this.#page = page;
    this.#sessions = session_table(page, { caption: "Open sessions", empty: "Nobody is logged in.", may_end: page.may("session kill") });
    this.#filter.addEventListener("input", () => this.#show_sessions());
    const throughput = card("Throughput", element("p", { class: "legend" }, element("span", { class: "key containers" }, "from containers"), element("span", { class: "key users" }, "from users")), this.#chart.element);
    const tiles = element("div", { class: "tiles" }, Object.values(this.#tiles).map((each) => each.element));
    const sessions = card("Sessions", element("div", { class: "above" }, labelled("Find a session", this.#filter, { unseen: true }), this.#count), this.#sessions.element);
    const refusals = card("Refused lately", this.#refusals);
    const strangers = card("Strangers by fate", element("p", { class: "hint" }, "Connections since the bastion began."), this.#strangers, this.#loops);
    fill(main, element("h1", { tabindex: "-1" }, "Now"), this.#missing, element("div", { class: "overview" }, tiles, throughput), element("div", { class: "columns" }, sessions, refusals), element("div", { class: "columns" }, card("Backends and containers", this.#map.element), strangers));
    if (page.may("container list")) this.#load_containers();
    if (page.live.snapshot) this.update();
  }

  async #load_containers() {
    const answer = await run(["container", "list", "--limit", "1000"]);
    if (answer.status === 0) this.#containers = answer.output;
    if (this.#page.live.snapshot) this.#map.update(this.#page.live.snapshot, this.#containers);
  }

  update() {
    const { snapshot } = this.#page.live;
    this.#say("sessions", snapshot.sessions.length);
    this.#say("users", rate(snapshot.throughput.from_users));
    this.#say("containers", rate(snapshot.throughput.from_containers));
    this.#say("refused", (snapshot.refusals ?? []).length);
    this.#chart.update(this.#page.live.throughput);
    this.#map.update(snapshot, this.#containers);
    this.#show_sessions();
    this.#once("refusals", snapshot.refusals ?? [], () => this.#show_refusals(snapshot.refusals ?? []));
    this.#once("strangers", snapshot.strangers ?? {}, () => fill(this.#strangers, fates(snapshot.strangers)));
    const loops = snapshot.loops ?? [];
    const slowest = loops.reduce((most, each) => Math.max(most, each.lag_ms), 0);
    const text = loops.length ? `${count_of(loops.length, "loop")}, the slowest ${slowest.toFixed(1)} ms behind` : "";
    if (this.#loops.textContent !== text) this.#loops.textContent = text;
    // In a fleet: which bastions have not said what happens there.
    this.#once("missing", snapshot.missing ?? null, () => fill(this.#missing, snapshot.missing));
    this.#missing.hidden = !snapshot.missing;
  }

  close() {
    this.#chart.close();
  }

  #say(name, value) {
    const target = this.#tiles[name].value;
    if (target.textContent !== String(value)) target.textContent = value;
  }

  // Draws again only what has changed: what is being read stays where it is.
  #once(name, value, draw) {
    const now = JSON.stringify(value);
    if (this.#drawn[name] === now) return;
    this.#drawn[name] = now;
    draw();
  }

  #show_sessions() {
    const all = this.#page.live.sessions();
    const shown = found(all, this.#filter.value, (each) => [each.id, each.user, each.container, each.from, way_text(each.route), each.bastion]);
    this.#sessions.update(shown);
    const text = shown.length === all.length ? "" : `${shown.length} of ${all.length}`;
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  #show_refusals(refusals) {
    if (!refusals.length) return fill(this.#refusals, element("p", { class: "empty" }, "Nobody was refused."));
    const more = refusals.length - kRefusalsShown;
    return fill(
      this.#refusals,
      element("ol", { class: "refusals" }, refusals.slice(0, kRefusalsShown).map((each) => refusal(this.#page, each))),
      more > 0 ? element("p", { class: "hint" }, `and ${more} before them`) : null,
    );
  }
}

export const now = { title: "Now", open: (page, main) => new NowPage(page, main) };
