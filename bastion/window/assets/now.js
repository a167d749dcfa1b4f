// What is happening: sessions, throughput, who was refused and why, backends, strangers.

import { BackendMap } from "./backend_map.js";
import { Chart } from "./chart.js";
import { address_with, element, fill, named } from "./element.js";
import { card, found, input, labelled, route_text, time } from "./parts.js";
import { run } from "./server.js";
import { session_table } from "./session_table.js";
import { count_of, rate, words } from "./text.js";

const kRefusalsShown = 12;
const kNobody = "Nobody is logged in. Whoever logs in appears here by themselves.";
const kNoSuch = "No session has these words.";

// Counters of connections, in the order in which they are shown: what became of them.
const kFates = {
  accepted: "connections",
  authenticated: "logged in",
  ended: "ended",
  turned_away: "turned away",
  refused_banned: "from a banned address",
  refused_penalty: "from an address with a penalty",
  refused_full_source: "too many from one address",
  refused_full: "too many at once",
  refused_proxy_header: "with no PROXY header",
  made_room: "silent, and made room for others",
  no_version_line: "no SSH client",
  too_many_rsa: "asked for too many RSA signatures",
};

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
  return element("a", { class: "why", href: address_with({ from: refused.from, key: refused.key }, "explain", login_of(refused)) }, "Why?", element("span", { class: "unseen" }, ` Explain the login of ${refused.user}`));
}

function refusal(page, refused) {
  const { at, from, user, reason, sentence } = refused;
  const why = user && page.may("explain") ? why_link(refused) : null;
  return element(
    "li",
    {},
    element("p", { class: "facts" }, element("span", {}, user ? named(user, { class: "strong" }) : "a stranger", " from ", named(from)), time(at)),
    element("p", { class: "sentence" }, named(sentence || words(reason))),
    element("p", { class: "facts" }, named(reason, { class: "code" }), why),
  );
}

// Those that are nought are left out.
function fates(strangers) {
  const order = Object.keys(kFates);
  const place = (fate) => (order.includes(fate) ? order.indexOf(fate) : order.length);
  const told = Object.entries(strangers ?? {}).filter(([, count]) => count > 0);
  if (!told.length) return element("p", { class: "empty" }, "Nobody has come yet.");
  told.sort((a, b) => place(a[0]) - place(b[0]));
  const most = Math.max(...told.map(([, count]) => count));
  const rows = told.map(([fate, count]) => element("li", {}, element("span", {}, words(Object.hasOwn(kFates, fate) ? kFates[fate] : fate)), element("span", { "aria-hidden": "true", class: `share share-${Math.max(1, Math.round((10 * count) / most))}` }), element("span", { class: "number" }, count)));
  return element("ul", { class: "fates" }, rows);
}

class NowPage {
  #page;
  #containers = [];
  #drawn = {};
  #tiles = { sessions: tile("Sessions"), users: tile("From users"), containers: tile("From containers"), refused: tile("Refused lately") };
  #chart = new Chart();
  #map = new BackendMap();
  #filter = input({ type: "search", placeholder: "user, container, address…" });
  #count = element("p", { class: "count" });
  #refusals = element("div");
  #strangers = element("div");
  #began = element("p", { class: "hint" });
  #loops = element("p", { class: "facts" });
  #missing = element("p", { class: "failure", hidden: true });
  #sessions;

  constructor(page, main) {
    this.#page = page;
    this.#sessions = session_table(page, { caption: "Open sessions", empty: kNobody, may_end: page.may("session kill") });
    this.#filter.addEventListener("input", () => this.#show_sessions());
    const legend = element("p", { class: "legend" }, element("span", { class: "key containers" }, "from containers"), element("span", { class: "key users" }, "from users"));
    const throughput = card("Throughput", legend, this.#chart.element);
    const tiles = element("div", { class: "tiles" }, Object.values(this.#tiles).map((each) => each.element));
    const sessions = card("Sessions", element("div", { class: "above" }, labelled("Find a session", this.#filter, { unseen: true }), this.#count), this.#sessions.element);
    const refusals = card("Refused lately", this.#refusals);
    const connections = card("Connections", this.#began, this.#strangers, this.#loops);
    fill(
      main,
      element("h1", { tabindex: "-1" }, "Now"),
      this.#missing,
      element("div", { class: "overview" }, tiles, throughput),
      element("div", { class: "columns" }, sessions, refusals),
      element("div", { class: "columns" }, card("Backends and containers", this.#map.element), connections),
    );
    if (page.live.snapshot) this.update();
  }

  // Asked for again when there are more or fewer.
  async #load_containers() {
    if (!this.#page.may("container list")) return;
    const answer = await run(["container", "list", "--limit", "1000"]);
    if (answer.status === 0) this.#containers = answer.output;
    if (this.#page.live.snapshot) this.#map.update(this.#page.live.snapshot, this.#containers);
  }

  update() {
    const { snapshot } = this.#page.live;
    this.#say("sessions", snapshot.sessions.length);
    this.#say("users", rate(snapshot.throughput.from_users, "0 B/s"));
    this.#say("containers", rate(snapshot.throughput.from_containers, "0 B/s"));
    this.#say("refused", (snapshot.refusals ?? []).length);
    this.#chart.update(this.#page.live.throughput);
    this.#once("containers", (snapshot.backends ?? []).map((each) => [each.name, each.containers]), () => this.#load_containers());
    this.#map.update(snapshot, this.#containers);
    this.#show_sessions();
    this.#once("refusals", snapshot.refusals ?? [], () => this.#show_refusals(snapshot.refusals ?? []));
    this.#once("strangers", snapshot.strangers ?? {}, () => fill(this.#strangers, fates(snapshot.strangers)));
    this.#once("began", snapshot.began ?? null, () => fill(this.#began, "Since the bastion was started", snapshot.began ? [": ", time(snapshot.began)] : null));
    const loops = snapshot.loops ?? [];
    const slowest = loops.reduce((most, each) => Math.max(most, each.lag_ms), 0);
    const text = loops.length ? `${count_of(loops.length, "event loop")}, the slowest ${slowest.toFixed(1)} ms behind` : "";
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
    const shown = found(all, this.#filter.value, (each) => [each.id, each.user, each.container, each.from, route_text(each.route), each.bastion]);
    this.#sessions.update(shown, all.length ? kNoSuch : kNobody);
    const text = shown.length === all.length ? "" : `${shown.length} of ${all.length}`;
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  #show_refusals(refusals) {
    if (!refusals.length) return fill(this.#refusals, element("p", { class: "empty" }, "Nobody has been refused."));
    const more = refusals.length - kRefusalsShown;
    return fill(
      this.#refusals,
      element("ol", { class: "refusals" }, refusals.slice(0, kRefusalsShown).map((each) => refusal(this.#page, each))),
      more > 0 ? element("p", { class: "hint" }, `and ${more} before them`) : null,
    );
  }
}

export const now = { title: "Now", open: (page, main) => new NowPage(page, main) };
