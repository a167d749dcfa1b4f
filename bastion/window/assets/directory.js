// Users, containers and backends: the lists.

import { address, element, fill, link, named } from "./element.js";
import { button, container_link, failure, found, input, labelled, state, time } from "./parts.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { count_of, milliseconds } from "./text.js";

const kStep = 500;

const kUsers = {
  caption: "Users",
  words: ["user", "list"],
  columns: [
    { label: "Name", value: (row) => row.name, text: (row) => row.name, show: (row) => link(row.name, "user", row.name) },
    { label: "Role", value: (row) => row.role, text: (row) => row.role, show: (row) => (row.role === "user" ? "user" : element("span", { class: "badge role" }, row.role)) },
    { label: "State", value: (row) => row.state, text: (row) => row.state, show: (row) => state(row.state === "active" ? "up" : "down", row.state) },
    { label: "Groups", value: (row) => row.groups, text: (row) => row.groups ?? "–" },
    { label: "Keys", numeric: true, value: (row) => row.keys, text: (row) => String(row.keys) },
    { label: "Containers", numeric: true, value: (row) => row.containers, text: (row) => String(row.containers) },
    { label: "Created", value: (row) => row.created, text: (row) => row.created, show: (row) => time(row.created) },
  ],
  key: (row) => row.name,
  fields_of: (row) => [row.name, row.role, row.state, row.groups],
  after: (row) => row.name,
  one: "user",
  empty: "No user is called so.",
  none: "There is no user yet.",
};

function container_state(row) {
  if (!row.state) return element("span", { class: "faint" }, "–");
  return state(/^running$/i.test(row.state) ? "up" : "unknown", named(row.state));
}

const kContainers = {
  caption: "Containers",
  words: ["container", "list"],
  columns: [
    { label: "Container", value: (row) => `${row.owner}/${row.name}`, text: (row) => `${row.owner}/${row.name} ${row.default}`, show: (row) => [container_link(`${row.owner}/${row.name}`), row.default ? element("span", { class: "badge" }, "default") : null] },
    { label: "Owner", value: (row) => row.owner, text: (row) => row.owner, show: (row) => link(row.owner, "user", row.owner) },
    { label: "Backend", value: (row) => row.backend, text: (row) => row.backend, show: (row) => link(row.backend, "backend", row.backend) },
    { label: "Address", value: (row) => row.address, text: (row) => row.address ?? "by command" },
    { label: "Account", value: (row) => row.login, text: (row) => row.login },
    { label: "State", value: (row) => row.state, text: (row) => row.state ?? "–", show: container_state },
  ],
  key: (row) => `${row.owner}/${row.name}`,
  fields_of: (row) => [row.name, `${row.owner}/${row.name}`, row.backend, row.address, row.login, row.state],
  after: (row) => `${row.owner}/${row.name}`,
  one: "container",
  empty: "No container is called so.",
  none: "There is no container yet.",
};

const kBackends = {
  caption: "Backends",
  words: ["backend", "list"],
  columns: [
    { label: "Backend", value: (row) => row.name, text: (row) => row.name, show: (row) => link(row.name, "backend", row.name) },
    { label: "State", value: (row) => `${row.state} ${row.reachable}`, text: (row) => `${row.state} ${row.reachable}`, show: backend_state },
    { label: "Latency", numeric: true, value: (row) => row.latency_ms, text: (row) => milliseconds(row.latency_ms) },
    { label: "Containers", numeric: true, value: (row) => row.containers, text: (row) => String(row.containers) },
    { label: "Address", value: (row) => row.address, text: (row) => row.address ?? "–" },
    { label: "Behind", value: (row) => row.via, text: (row) => row.via ?? "–", show: (row) => (row.via ? link(row.via, "backend", row.via) : "–") },
    { label: "Last answer", value: (row) => row.last_success, text: (row) => row.last_success ?? "never", show: (row) => (row.last_success ? time(row.last_success) : "never") },
  ],
  key: (row) => row.name,
  fields_of: (row) => [row.name, row.state, row.address, row.via],
  one: "backend",
  empty: "No backend is called so.",
  none: "There is no backend yet.",
};

function backend_state({ state: said, reachable }) {
  if (said !== "active") return state("suspect", named(said));
  if (reachable === null) return state("unknown", "not checked");
  return reachable ? state("up", "answers") : state("down", "down");
}

class ListPage {
  #page;
  #name;
  #what;
  #table;
  #rows = [];
  #filter = input({ type: "search", placeholder: "name, or any other word" });
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");
  #more = button("More", () => this.#load(), { hidden: true });

  constructor(page, main, what, name, filter) {
    this.#page = page;
    this.#name = name;
    this.#what = what;
    this.#table = new Table({ ...what, order: { column: what.columns[0].label, descending: false } });
    this.#filter.value = filter ?? "";
    this.#filter.addEventListener("input", () => this.#show());
    const above = element("div", { class: "above" }, labelled("Find", this.#filter, { unseen: true }), this.#said);
    fill(main, element("h1", { tabindex: "-1" }, what.caption), this.#tabs(), element("section", { class: "card", "aria-label": what.caption }, above, this.#trouble, this.#table.element, this.#more));
    this.#load();
  }

  update() {}
  close() {}

  // Containers are on backends.
  #tabs() {
    if (this.#name === "users" || !this.#page.may("backend list")) return null;
    const tab = (name, text) => element("a", { href: address(name), "aria-current": name === this.#name ? "page" : null }, text);
    return element("nav", { class: "tabs", "aria-label": "Containers and backends" }, tab("containers", "Containers"), tab("backends", "Backends"));
  }

  async #load() {
    this.#said.textContent = "Asking the bastion…";
    const answer = await run([...this.#what.words, ...this.#next()]);
    this.#said.textContent = "";
    if (answer.status !== 0) return fill(this.#trouble, failure(answer.error));
    this.#rows = [...this.#rows, ...answer.output];
    this.#more.hidden = !this.#what.after || answer.output.length < kStep;
    return this.#show();
  }

  // Which rows, where a command does not give all of them at once.
  #next() {
    if (!this.#what.after) return [];
    const last = this.#rows.at(-1);
    return ["--limit", String(kStep), ...(last ? ["--after", this.#what.after(last)] : [])];
  }

  #show() {
    const shown = found(this.#rows, this.#filter.value, this.#what.fields_of);
    const all = this.#rows.length;
    this.#table.update(shown, all ? this.#what.empty : this.#what.none);
    const many = `${count_of(all, this.#what.one)}${this.#more.hidden ? "" : " so far"}`;
    this.#said.textContent = shown.length === all ? many : `${shown.length} of ${many}`;
    this.#page.moved({}, this.#name, [this.#filter.value.trim()].filter(Boolean));
  }
}

export const users = { title: "Users", open: (page, main, [filter]) => new ListPage(page, main, kUsers, "users", filter) };
export const containers = { title: "Containers", open: (page, main, [filter]) => new ListPage(page, main, kContainers, "containers", filter) };
export const backends = { title: "Backends", under: "containers", open: (page, main, [filter]) => new ListPage(page, main, kBackends, "backends", filter) };
