// Users, containers and backends: the lists, and everything about one of them.

import { address, element, fill, link, named } from "./element.js";
import { button, card, container_link, failure, fields, found, input, labelled, load, state, time } from "./parts.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { count_of, words } from "./text.js";

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
    { label: "Since", value: (row) => row.created, text: (row) => row.created, show: (row) => time(row.created) },
  ],
  key: (row) => row.name,
  fields_of: (row) => [row.name, row.role, row.state, row.groups],
  after: (row) => row.name,
  empty: "No user is called so.",
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
  empty: "No container is called so.",
};

// Columns as a command has them, for lists inside of something: nothing is left out that it says.
function plain_table(caption, rows, show = {}) {
  const names = Object.keys(rows[0] ?? {});
  const table = new Table({
    caption,
    columns: names.map((name) => ({ label: words(name), value: (row) => row[name], text: (row) => text_of(row[name]), show: show[name] ?? (/^\d{4}-/.test(rows[0][name] ?? "") ? (row) => time(row[name]) : undefined) })),
    key: (row) => JSON.stringify(row),
    empty: "None.",
  });
  table.update(rows);
  return table.element;
}

function text_of(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (value === true) return "yes";
  return value === false ? "no" : String(value);
}

class ListPage {
  #what;
  #table;
  #rows = [];
  #filter = input({ type: "search", placeholder: "any part of it" });
  #said = element("p", { class: "count", role: "status" });
  #trouble = element("div");
  #more = button("More", () => this.#load(), { hidden: true });

  constructor(main, what, title, filter) {
    this.#what = what;
    this.#table = new Table({ ...what, order: { column: what.columns[0].label, descending: false } });
    this.#filter.value = filter ?? "";
    this.#filter.addEventListener("input", () => this.#show());
    fill(main, element("h1", { tabindex: "-1" }, title), element("section", { class: "card", "aria-label": what.caption }, element("div", { class: "above" }, labelled("Find", this.#filter), this.#said), this.#trouble, this.#table.element, this.#more));
    this.#load();
  }

  update() {}
  close() {}

  async #load() {
    const last = this.#rows.at(-1);
    const answer = await run([...this.#what.words, "--limit", String(kStep), ...(last ? ["--after", this.#what.after(last)] : [])]);
    if (answer.status !== 0) return fill(this.#trouble, failure(answer.error));
    this.#rows = [...this.#rows, ...answer.output];
    this.#more.hidden = answer.output.length < kStep;
    return this.#show();
  }

  #show() {
    const shown = found(this.#rows, this.#filter.value, this.#what.fields_of);
    this.#table.update(shown);
    this.#said.textContent = shown.length === this.#rows.length ? count_of(shown.length, "row") : `${shown.length} of ${this.#rows.length}`;
  }
}

// Everything a command says about one thing: the fields in a card, each list in it in a card of its own.
class OnePage {
  constructor(page, main, { title, asked, lists, links }) {
    const target = element("div");
    fill(main, element("h1", { tabindex: "-1" }, title), element("p", { class: "links" }, links(page)), target);
    load(target, run(asked), (output) => [
      card("What it is", fields(output)),
      Object.entries(output).filter(([, value]) => Array.isArray(value)).map(([name, rows]) => card(words(name), rows.length ? plain_table(words(name), rows, lists[name]) : element("p", { class: "empty" }, "None."))),
    ]);
  }

  update() {}
  close() {}
}

const kContainerCells = { name: (row) => container_link(`${row.owner}/${row.name}`), owner: (row) => link(row.owner, "user", row.owner), backend: (row) => link(row.backend, "backend", row.backend) };
const kKeyCells = { fingerprint: (row) => named(row.fingerprint, { class: "code" }) };

function link_to(text, page, ...parts) {
  return element("a", { class: "button", href: address(page, ...parts) }, text);
}

export const users = { title: "Users", open: (page, main, [filter]) => new ListPage(main, kUsers, "Users", filter) };
export const containers = { title: "Containers", open: (page, main, [filter]) => new ListPage(main, kContainers, "Containers", filter) };

export const user = {
  title: "User",
  under: "users",
  open: (page, main, [name]) =>
    new OnePage(page, main, {
      title: ["User ", named(name)],
      asked: ["user", "show", name],
      lists: { containers: kContainerCells, keys: kKeyCells },
      links: (given) => [given.may("explain") ? link_to("Explain the login", "explain", name) : null, given.may("session list") ? link_to("Past sessions", "history", "sessions", name) : null, given.may("audit list") ? link_to("Audit", "history", "audit", name) : null],
    }),
};

export const container = {
  title: "Container",
  under: "containers",
  open: (page, main, [owner, name]) =>
    new OnePage(page, main, {
      title: ["Container ", named(`${owner}/${name}`)],
      asked: ["container", "show", `${owner}/${name}`],
      lists: {},
      links: (given) => [link_to("The owner", "user", owner), given.may("explain") ? link_to("Explain the owner's login", "explain", `${owner}+${name}`) : null],
    }),
};

export const backend = {
  title: "Backend",
  under: "containers",
  open: (page, main, [name]) =>
    new OnePage(page, main, {
      title: ["Backend ", named(name)],
      asked: ["backend", "show", name],
      lists: { containers: kContainerCells },
      links: () => [link_to("The map", "now")],
    }),
};
