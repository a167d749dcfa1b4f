// The window: who looks, which pages there are for them, and the one that is open.

import { backends, containers, users } from "./directory.js";
import { backend, container, user } from "./directory_entry.js";
import { address, address_with, element, fill, named, plain } from "./element.js";
import { explain } from "./explain.js";
import { history } from "./history.js";
import { Live } from "./live.js";
import { mine } from "./mine.js";
import { Notices } from "./notices.js";
import { now } from "./now.js";
import { failure, state, write_times_anew } from "./parts.js";
import { recording, recordings } from "./recordings.js";
import { who } from "./server.js";
import { session } from "./session.js";

const kPages = { now, history, recordings, users, containers, explain, mine, session, user, container, backends, backend, recording };
// In the order of the menu: the page, and a command that whoever looks has to be allowed.
const kMenu = [
  ["now", "session list"],
  ["history", "session list"],
  ["recordings", "session recordings"],
  ["users", "user list"],
  ["containers", "container list"],
  ["explain", "explain"],
  ["mine", null],
];

const kStates = {
  connecting: ["unknown", "connecting"],
  live: ["up", "live"],
  closed: ["down", "not connected"],
};

class Window {
  who;
  live = new Live();
  notices = new Notices();

  #open = null;
  #main = document.getElementById("main");
  #state = document.getElementById("state");
  #menu = document.getElementById("menu");
  #lost = document.getElementById("lost");
  #was_lost = false;
  #day = new Date().toDateString();

  async start() {
    document.body.append(this.notices.element);
    document.getElementById("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.#main.querySelector("h1")?.focus();
    });
    try {
      this.who = await who();
    } catch (reason) {
      return fill(this.#main, element("h1", {}, "bastion"), failure(`The bastion does not say who you are: ${reason.message}`));
    }
    fill(document.getElementById("bastion"), named(this.who.bastion));
    fill(document.getElementById("version"), "bastion ", named(this.who.version));
    fill(document.getElementById("who"), named(this.who.user, { class: "strong" }), this.who.role === "user" ? null : element("span", { class: "badge role" }, this.who.role));
    this.#show_menu();
    this.live.addEventListener("snapshot", (event) => this.#snapshot(event.detail));
    this.live.addEventListener("state", () => this.#show_state());
    this.live.addEventListener("state", () => this.#recognise());
    this.#show_state();
    window.addEventListener("hashchange", () => this.#go());
    this.#go();
    return this.live.start();
  }

  // Whether they may give this command; to whom has no role, it is one of `me`.
  may(command) {
    return this.who.commands.includes(this.#has_role() ? command : `me ${command}`);
  }

  // Of a page: what it shows by now has this address, so that a link leads there and a reload stays there. `as_step`: the
  // way back leads to what it was before.
  moved(query, name, parts, { as_step = false } = {}) {
    const here = address_with(query, name, ...parts);
    if (location.hash === here) return;
    if (as_step) window.history.pushState(null, "", here);
    else window.history.replaceState(null, "", here);
    this.#entitle(kPages[name], parts);
  }

  #entitle(page, parts) {
    const of = parts.length ? ` ${plain(parts.join("/")).slice(0, 60)}` : "";
    document.title = `${page.title}${of} – ${plain(this.who.bastion)}`;
  }

  // Behind the same port there may be somebody else by now, or another bastion.
  async #recognise() {
    if (this.live.state === "closed") this.#was_lost = true;
    if (this.live.state !== "live" || !this.#was_lost) return;
    this.#was_lost = false;
    const again = await who().catch(() => null);
    if (!again) return;
    const known = (one) => JSON.stringify({ ...one, session: null });
    if (known(again) !== known(this.who)) location.reload();
    this.who = again;
  }

  #has_role() {
    return this.who.role !== "user";
  }

  #pages() {
    return kMenu.filter(([name, command]) => name === "mine" || (this.#has_role() && this.may(command))).map(([name]) => name);
  }

  #show_menu() {
    const items = this.#pages().map((name) => element("li", {}, element("a", { href: address(name) }, kPages[name].title)));
    fill(this.#menu, element("ul", {}, items));
  }

  #show_state() {
    const [kind, text] = kStates[this.live.state];
    fill(this.#state, state(kind, text));
    this.#lost.hidden = this.live.state !== "closed";
    fill(this.#lost, this.live.refusal ? named(this.live.refusal) : ["The connection to the bastion is closed. Open the same ", element("code", {}, "ssh -L"), " again: this page goes on by itself."]);
  }

  #snapshot({ arrived, left, refused }) {
    for (const each of arrived) this.notices.say(`${each.user} has logged in from ${each.from}`);
    for (const each of left) this.notices.say(`the session of ${each.user} has ended`);
    for (const each of refused) this.notices.say(`${each.user ?? "somebody"} was refused: ${each.sentence || each.reason}`);
    this.#open?.update();
    const today = new Date().toDateString();
    if (today !== this.#day) write_times_anew();
    this.#day = today;
  }

  #go() {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const parts = path.split("/").filter(Boolean).map(decoded);
    const allowed = this.#pages();
    const [name, ...rest] = parts;
    const page = Object.hasOwn(kPages, name ?? "") ? kPages[name] : null;
    const item = page?.under ?? name;
    const may = page && (allowed.includes(item) || (name === "session" && allowed.includes("mine")));
    if (!may || rest.length < (page.names ?? 0)) {
      location.replace(address(may && allowed.includes(item) ? item : allowed[0]));
      return;
    }
    const first = this.#open === null;
    this.#open?.close();
    this.#open = page.open(this, fill(this.#main), rest, new URLSearchParams(query ?? ""));
    this.#entitle(page, rest);
    for (const each of this.#menu.querySelectorAll("a")) {
      if (each.getAttribute("href") === address(item)) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
    if (first) return;
    window.scrollTo(0, 0);
    this.#main.querySelector("h1")?.focus({ preventScroll: true });
  }
}

// An address that somebody has typed may be no encoding of anything.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

new Window().start();
