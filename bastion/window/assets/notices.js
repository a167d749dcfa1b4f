// What is said to somebody who looks, and to somebody who listens: calmly, and not everything at once.

import { element, plain } from "./element.js";

const kCalm = 4000;
const kShown = 8000;

export class Notices {
  #spoken = element("div", { class: "unseen", role: "status", "aria-live": "polite" });
  #shown = element("div", { class: "notices", role: "status", "aria-live": "polite" });
  #waiting = [];
  #quiet_until = 0;
  #timer = 0;

  constructor() {
    this.element = element("div", {}, this.#spoken, this.#shown);
  }

  // For who listens; what comes close together is said together.
  say(text) {
    this.#waiting.push(plain(text));
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#speak(), Math.max(300, this.#quiet_until - Date.now()));
  }

  // What came of something somebody has done.
  show(text, kind = "done") {
    const close = element("button", { type: "button", class: "quiet", "aria-label": "Dismiss" }, "×");
    const notice = element("div", { class: `notice ${kind}` }, element("p", {}, plain(text)), close);
    close.addEventListener("click", () => notice.remove());
    this.#shown.append(notice);
    while (this.#shown.children.length > 4) this.#shown.firstChild.remove();
    if (kind === "done") setTimeout(() => notice.remove(), kShown);
  }

  #speak() {
    this.#timer = 0;
    this.#quiet_until = Date.now() + kCalm;
    const [first, second, third, ...more] = this.#waiting;
    this.#waiting = [];
    const said = [first, second, third].filter(Boolean);
    this.#spoken.textContent = more.length ? `${said.join("; ")}; and ${more.length} more` : said.join("; ");
  }
}
