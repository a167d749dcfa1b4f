// A table whose rows are told apart by a key: what has not changed is not touched, and what has the focus keeps it.
//
// A column: {label, text(row), [value(row)] to sort by, [show(row)] the content where it is more than the text,
// [numeric], [actions]}. text(row) says when a cell has to be shown anew.

import { element, fill, named } from "./element.js";

export class Table {
  #columns;
  #key;
  #mark;
  #order;
  #lines = new Map();
  #rows = [];
  #body = element("tbody", { role: "rowgroup" });
  #headings = [];
  #empty;

  constructor({ caption, columns, key, mark = () => "", order = null, empty }) {
    this.#columns = columns;
    this.#key = key;
    this.#mark = mark;
    this.#order = order; // {column: its label, descending}
    this.#empty = element("p", { class: "empty" }, empty);
    this.#headings = columns.map((column) => this.#heading(column));
    const table = element(
      "table",
      { role: "table" },
      element("caption", { class: "unseen" }, caption),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, this.#headings)),
      this.#body,
    );
    this.#scroll = element("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": caption }, table);
    this.element = element("div", { class: "table" }, this.#scroll, this.#empty);
    this.#say_order();
    this.update([]);
  }

  #scroll;

  // `empty` is what to say where there is no row, when it is not what was said first.
  update(rows, empty = null) {
    this.#rows = rows;
    if (empty !== null && this.#empty.textContent !== empty) this.#empty.textContent = empty;
    const wanted = this.#sorted(rows);
    const keys = new Set(wanted.map(this.#key));
    const focus = this.#body.contains(document.activeElement) ? document.activeElement : null;
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.row.remove();
      this.#lines.delete(key);
    }
    let next = this.#body.firstChild;
    for (const each of wanted) {
      const line = this.#line(each);
      if (line.row === next) next = next.nextSibling;
      else this.#body.insertBefore(line.row, next);
    }
    if (focus?.isConnected && focus !== document.activeElement) focus.focus({ preventScroll: true });
    this.#empty.hidden = rows.length > 0;
    this.#scroll.hidden = rows.length === 0;
  }

  #heading(column) {
    const properties = { scope: "col", role: "columnheader", class: column.numeric ? "number" : null };
    if (column.actions) return element("th", properties, element("span", { class: "unseen" }, column.label));
    if (!column.value && !column.sortable) return element("th", properties, column.label);
    const press = () => this.#sort_by(column.label);
    return element("th", properties, element("button", { type: "button", class: "heading", on: { click: press } }, column.label));
  }

  #sort_by(label) {
    const descending = this.#order?.column === label ? !this.#order.descending : false;
    this.#order = { column: label, descending };
    this.#say_order();
    this.update(this.#rows);
  }

  #say_order() {
    this.#columns.forEach((column, index) => {
      const heading = this.#headings[index];
      if (this.#order?.column !== column.label) heading.removeAttribute("aria-sort");
      else heading.setAttribute("aria-sort", this.#order.descending ? "descending" : "ascending");
    });
  }

  #sorted(rows) {
    const column = this.#columns.find((each) => each.label === this.#order?.column);
    if (!column) return rows;
    const value = column.value ?? column.text;
    const sign = this.#order.descending ? -1 : 1;
    const compared = (one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === b) return this.#key(one) < this.#key(other) ? -1 : 1;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      return (a < b ? -1 : 1) * sign;
    };
    return [...rows].sort(compared);
  }

  #line(row) {
    const key = this.#key(row);
    let line = this.#lines.get(key);
    if (!line) {
      const cells = this.#columns.map((column) => this.#cell(column));
      line = { cells, row: element("tr", { role: "row" }, cells), texts: [] };
      this.#lines.set(key, line);
    }
    this.#columns.forEach((column, index) => {
      const text = column.text(row);
      if (line.texts[index] === text) return;
      line.texts[index] = text;
      line.cells[index].classList.toggle("none", text === "–");
      const content = [column.show ? column.show(row) : named(text)].flat().filter(Boolean);
      // One thing beside the label that a narrow page shows in front of it.
      fill(line.cells[index], content.length ? element("div", {}, content) : null);
    });
    const mark = this.#mark(row);
    if (line.row.className !== mark) line.row.className = mark;
    return line;
  }

  #cell(column) {
    const classes = [column.numeric && "number", column.actions && "actions", column.wide && "wide"];
    return element("td", { role: "cell", class: classes.filter(Boolean).join(" ") || null, "data-label": column.label });
  }
}
