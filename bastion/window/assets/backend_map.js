// Backends as a map: from the bastion by hops to the containers.

import { element, fill, link, named } from "./element.js";
import { state } from "./parts.js";
import { count_of, milliseconds } from "./text.js";

const kContainersShown = 8;
const kStates = { up: "answers", suspect: "suspect", down: "down", idle: "idle", unknown: "not checked" };

function state_of(backend) {
  return state(backend.state in kStates ? backend.state : "unknown", kStates[backend.state] ?? backend.state);
}

// What is drawn of a backend: when this is the same, it is left as it is.
function picture_of(backend, containers, sessions) {
  const mine = containers.filter((each) => each.backend === backend.name);
  const busy = new Map();
  for (const session of sessions) busy.set(session.container, (busy.get(session.container) ?? 0) + 1);
  // Those with somebody in them first.
  const places = mine.map((each) => ({ ...each, place: `${each.owner}/${each.name}`, sessions: busy.get(`${each.owner}/${each.name}`) ?? 0 }));
  places.sort((a, b) => b.sessions - a.sessions);
  // Who is there without a hop counts too.
  const there = places.reduce((all, each) => all + each.sessions, 0);
  return { backend, sessions: Math.max(backend.sessions ?? 0, there), places: places.slice(0, kContainersShown), more: Math.max(backend.containers ?? 0, places.length) - Math.min(places.length, kContainersShown) };
}

function container_chip({ owner, name, place, sessions, state: said }) {
  const asleep = said && !/^running$/i.test(said);
  return element(
    "li",
    { class: `chip${sessions ? " busy" : ""}${asleep ? " asleep" : ""}` },
    link(place, "container", owner, name),
    sessions ? element("span", { class: "count busy" }, String(sessions), element("span", { class: "unseen" }, sessions === 1 ? " session" : " sessions")) : null,
    asleep ? element("span", { class: "count" }, named(said)) : null,
  );
}

function box({ backend, sessions, places, more }) {
  return element(
    "div",
    { class: `box ${backend.state}` },
    element("p", { class: "name" }, link(backend.name, "backend", backend.name)),
    element("p", { class: "facts" }, state_of(backend), backend.latency_ms === null ? null : element("span", {}, milliseconds(backend.latency_ms)), element("span", {}, count_of(sessions, "session"))),
    places.length ? element("ul", { class: "chips" }, places.map(container_chip)) : null,
    more > 0 ? element("p", { class: "facts" }, element("span", {}, places.length ? `and ${more} more` : count_of(more, "container"))) : null,
  );
}

export class BackendMap {
  #drawn = "";
  element = element("div", { class: "map", role: "region", tabindex: "0", "aria-label": "Map of backends" });

  update(snapshot, containers) {
    const backends = snapshot.backends ?? [];
    const pictures = backends.map((backend) => picture_of(backend, containers, snapshot.sessions));
    const drawn = JSON.stringify([snapshot.bastion, pictures]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focus = this.element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const below = new Map();
    for (const each of pictures) {
      const before = each.backend.via?.at(-1) ?? "";
      below.set(before, [...(below.get(before) ?? []), each]);
    }
    const branch = (name, depth) => {
      const here = depth < 16 ? (below.get(name) ?? []) : [];
      return here.length ? element("ul", {}, here.map((each) => element("li", {}, box(each), branch(each.backend.name, depth + 1)))) : null;
    };
    const root = element("div", { class: "box root" }, element("p", { class: "name" }, named(snapshot.bastion)), element("p", { class: "facts" }, "this bastion"));
    const none = backends.length ? null : element("p", { class: "empty" }, "There is no backend yet.");
    fill(this.element, element("div", { class: "trunk" }, root, branch("", 0)), none);
    if (focus) [...this.element.querySelectorAll("a")].find((each) => each.getAttribute("href") === focus)?.focus({ preventScroll: true });
  }
}
