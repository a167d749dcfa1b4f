// One user, container or backend: everything the bastion says about it.

import { element, fill, link, named } from "./element.js";
import { fields_that_are_set, label_of } from "./fields.js";
import { button_link, card, container_link, load, time } from "./parts.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { words } from "./text.js";

// Columns as a command has them, for lists inside of something: nothing is left out that it says.
function plain_table(caption, rows, show = {}) {
  const names = Object.keys(rows[0] ?? {});
  const table = new Table({
    caption,
    columns: names.map((name) => ({ label: label_of(name), value: (row) => row[name], text: (row) => text_of(row[name]), show: show[name] ?? (/^\d{4}-/.test(rows[0][name] ?? "") ? (row) => time(row[name]) : undefined) })),
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

// Everything a command says about one thing: the fields in a card, each list in it in a card of its own.
class OnePage {
  constructor(page, main, { title, asked, lists, links }) {
    const target = element("div");
    fill(main, element("h1", { tabindex: "-1" }, title), element("p", { class: "links" }, links(page)), target);
    load(target, run(asked), (output) => [
      card("Facts", fields_that_are_set(output)),
      Object.entries(output).filter(([, value]) => Array.isArray(value)).map(([name, rows]) => card(words(name), rows.length ? plain_table(words(name), rows, lists[name]) : element("p", { class: "empty" }, "None."))),
    ]);
  }

  update() {}
  close() {}
}

const kContainerCells = { name: (row) => container_link(`${row.owner}/${row.name}`), owner: (row) => link(row.owner, "user", row.owner), backend: (row) => link(row.backend, "backend", row.backend) };
const kKeyCells = { fingerprint: (row) => named(row.fingerprint, { class: "code" }) };

export const user = {
  title: "User",
  under: "users",
  names: 1,
  open: (page, main, [name]) =>
    new OnePage(page, main, {
      title: ["User ", named(name)],
      asked: ["user", "show", name],
      lists: { containers: kContainerCells, keys: kKeyCells },
      links: (given) => [
        given.may("explain") ? button_link("Explain the login", "explain", name) : null,
        given.may("session list") ? button_link("Sessions", "history", "sessions", name) : null,
        given.may("audit list") ? button_link("Audit", "history", "audit", name) : null,
      ],
    }),
};

export const container = {
  title: "Container",
  under: "containers",
  names: 2,
  open: (page, main, [owner, name]) =>
    new OnePage(page, main, {
      title: ["Container ", named(`${owner}/${name}`)],
      asked: ["container", "show", `${owner}/${name}`],
      lists: {},
      links: (given) => [button_link("The owner", "user", owner), given.may("explain") ? button_link("Explain the owner’s login", "explain", `${owner}+${name}`) : null],
    }),
};

export const backend = {
  title: "Backend",
  under: "containers",
  names: 1,
  open: (page, main, [name]) =>
    new OnePage(page, main, {
      title: ["Backend ", named(name)],
      asked: ["backend", "show", name],
      lists: { containers: kContainerCells },
      links: () => [button_link("All backends", "backends"), button_link("The map", "now")],
    }),
};
