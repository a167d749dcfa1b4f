// Throughput over the last minutes, drawn: what users send, and what containers send.

import { drawing, element, fill } from "./element.js";
import { rate } from "./text.js";

// How far back it reaches, and where that is written: as soon as there is so much.
const kSpans = [
  { seconds: 60, marks: [30, 60] },
  { seconds: 120, marks: [60, 120] },
  { seconds: 180, marks: [60, 120, 180] },
];
const kHeight = 132;
const kMargin = { left: 64, right: 8, top: 10, bottom: 24 };

// The next round number: 1, 2 or 5 and noughts.
function rounded_up(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 100)));
  return power * [1, 2, 5, 10].find((step) => step * power >= most);
}

export class Chart {
  #users = drawing("path", { class: "line users" });
  #containers = drawing("path", { class: "line containers" });
  #area = drawing("path", { class: "area" });
  #grid = drawing("g", { class: "grid" });
  #picture = drawing("svg", { role: "img", height: kHeight, "aria-label": "throughput" });
  #samples = [];
  #width = 600;
  #watcher;

  constructor() {
    this.#picture.append(this.#grid, this.#area, this.#containers, this.#users);
    this.element = element("div", { class: "chart" }, this.#picture);
    this.#watcher = new ResizeObserver(([entry]) => {
      this.#width = Math.max(200, Math.floor(entry.contentRect.width));
      this.update(this.#samples);
    });
    this.#watcher.observe(this.element);
  }

  close() {
    this.#watcher.disconnect();
  }

  update(samples) {
    this.#samples = samples;
    const most = rounded_up(Math.max(0, ...samples.map((each) => Math.max(each.from_users, each.from_containers))));
    const right = this.#width - kMargin.right;
    const bottom = kHeight - kMargin.bottom;
    const span = kSpans.find((each) => samples.length <= each.seconds) ?? kSpans.at(-1);
    const back = (seconds) => right - (seconds / span.seconds) * (right - kMargin.left);
    const x = (index) => back(samples.length - 1 - index);
    const y = (value) => bottom - (value / most) * (bottom - kMargin.top);
    const path = (name) => samples.map((each, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(each[name]).toFixed(1)}`).join("");
    this.#picture.setAttribute("viewBox", `0 0 ${this.#width} ${kHeight}`);
    this.#picture.setAttribute("width", this.#width);
    this.#users.setAttribute("d", path("from_users"));
    this.#containers.setAttribute("d", path("from_containers"));
    const filled = samples.length > 1 ? `${path("from_containers")}L${x(samples.length - 1)} ${bottom}L${x(0)} ${bottom}Z` : "";
    this.#area.setAttribute("d", filled);
    this.#draw_grid(most, y, span.marks, back, bottom);
    const last = samples.at(-1);
    if (!last) return;
    const now = `from users ${rate(last.from_users)}, from containers ${rate(last.from_containers)}`;
    this.#picture.setAttribute("aria-label", `Throughput, up to three minutes back; now ${now}`);
  }

  #draw_grid(most, y, marks, back, bottom) {
    const line = (value) => drawing("line", { x1: kMargin.left, x2: back(0), y1: y(value), y2: y(value) });
    const label = (value) => {
      const text = drawing("text", { class: "amount", x: kMargin.left - 8, y: y(value) + 4 });
      text.textContent = value === 0 ? "0" : rate(value);
      return text;
    };
    const when = (seconds) => {
      const text = drawing("text", { class: "when", x: back(seconds), y: bottom + 19 });
      text.textContent = seconds % 60 ? `−${seconds} s` : `−${seconds / 60} min`;
      return text;
    };
    const values = [0, most / 2, most];
    fill(this.#grid, values.map(line), values.map(label), marks.map(when));
  }
}
