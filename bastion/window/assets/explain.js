// A login explained: every step of its way as a box, up to the one where it fails.

import { element, fill, named } from "./element.js";
import { button, button_link, card, failure, form, input, labelled, state } from "./parts.js";
import { run } from "./server.js";
import { milliseconds } from "./text.js";

const kTitles = { user: "User", key: "Key", options: "Options of the key", route: "Route", record: "Recording", container: "Container", login: "Login" };
const kLast = ["container", "login"];
const kOutcomes = { good: ["up", "good"], failed: ["down", "fails here"] };

function title_of(step) {
  if (step.startsWith("hop ")) return ["Hop ", named(step.slice(4))];
  return kTitles[step] ?? named(step);
}

function step_box({ step, outcome, took_ms, what }) {
  const [kind, text] = kOutcomes[outcome] ?? ["suspect", outcome];
  return element(
    "li",
    { class: `step ${kind}` },
    element("h3", {}, title_of(step)),
    element("p", { class: "facts" }, state(kind, text), element("span", {}, milliseconds(took_ms))),
    element("p", { class: "what" }, named(what)),
  );
}

// Where it failed, what would have come is drawn too, as not reached.
function not_reached(steps) {
  const last = steps.at(-1);
  if (!last || last.outcome !== "failed") return [];
  const missing = last.step === "login" ? [] : last.step === "container" ? ["login"] : kLast;
  return missing.map((step) => element("li", { class: "step unreached" }, element("h3", {}, kTitles[step]), element("p", { class: "facts" }, state("unknown", "not reached"))));
}

// `said` is what they were told a while ago, where they were.
function verdict({ login, succeeds, user_sees, why }, said) {
  if (succeeds && user_sees) return element("div", { class: "verdict good" }, element("h2", {}, "This login has to choose"), element("p", {}, "What is read: “", named(user_sees), "”"), why ? element("p", { class: "strong" }, named(why)) : null);
  if (succeeds) {
    const since = said ? element("p", {}, "A while ago it was refused: “", named(said), "”. What was in the way is gone, or it was another key, address or container.") : null;
    return element("div", { class: "verdict good" }, element("h2", {}, "This login succeeds"), element("p", {}, named(login), " gets all the way into the container."), since);
  }
  return element(
    "div",
    { class: "verdict bad" },
    element("h2", {}, "This login fails"),
    element("p", {}, "The user reads: “", named(user_sees), "”"),
    why ? element("p", { class: "strong" }, named(why)) : null,
  );
}

function picture_of(explained, said, links) {
  return [verdict(explained, said), element("p", { class: "links" }, links), element("ol", { class: "steps", "aria-label": "The steps of the login" }, explained.steps.map(step_box), not_reached(explained.steps))];
}

class ExplainPage {
  #page;
  #login = input({ required: true, placeholder: "alice, or alice+web" });
  #from = input({ placeholder: "any" });
  #key = input({ placeholder: "any of theirs: SHA256:…" });
  #lately = element("div");
  #result = element("div", { class: "result", role: "region", "aria-label": "The answer", "aria-live": "polite" });

  constructor(page, main, login, query) {
    this.#page = page;
    this.#login.value = login ?? "";
    this.#from.value = query.get("from") ?? "";
    this.#key.value = query.get("key") ?? "";
    const hint = element("p", { class: "hint" }, "Every step of the login is tried for real, without the user: it says where it stops, and what they read then.");
    const asks = form(() => this.#explain(), labelled("User, or user+container", this.#login), labelled("As if from the address", this.#from), labelled("With the key", this.#key), element("button", { type: "submit", class: "first" }, "Explain"));
    fill(main, element("h1", { tabindex: "-1" }, "Explain a login"), element("section", { class: "card", "aria-label": "Whose login" }, hint, asks, this.#lately), this.#result);
    if (page.live.snapshot) this.update();
    if (login) this.#explain({ as_step: false });
  }

  // The names come with the first picture of what happens.
  update() {
    if (this.#lately.firstChild) return;
    const made = this.#quick();
    if (made) this.#lately.append(made);
  }

  close() {}

  // Those who are there, or were refused a moment ago, are one press away.
  #quick() {
    const { snapshot } = this.#page.live;
    const names = [...new Set([...(snapshot?.refusals ?? []), ...(snapshot?.sessions ?? [])].map((each) => each.user).filter(Boolean))].slice(0, 8);
    if (!names.length) return null;
    const choose = (name) => () => {
      this.#login.value = name;
      this.#key.value = "";
      this.#explain();
    };
    return element("p", { class: "quick" }, "Lately: ", names.map((name) => button(named(name), choose(name), { class: "small" })));
  }

  async #explain({ as_step = true } = {}) {
    const login = this.#login.value.trim();
    const from = this.#from.value.trim();
    const key = this.#key.value.trim();
    if (!login) return;
    fill(this.#result, element("p", { class: "empty" }, "Trying every step…"));
    this.#page.moved({ from, key }, "explain", [login], { as_step });
    const answer = await run(["explain", login, ...(from ? ["--from", from] : []), ...(key ? ["--key", key] : [])]);
    // Its status says whether the login would succeed; no answer at all is something else.
    if (!answer.output?.steps) fill(this.#result, failure(answer.error || "the bastion gave no answer"));
    else fill(this.#result, card("Step by step", picture_of(answer.output, this.#told(login, from), this.#links(login.split("+")[0]))));
  }

  // What is in an address may be from anybody: this is what the bastion has told them.
  #told(login, from) {
    const refusals = this.#page.live.snapshot?.refusals ?? [];
    return refusals.find((each) => each.user === login.split("+")[0] && (!from || each.from === from))?.sentence;
  }

  #links(user) {
    return [
      this.#page.may("user show") ? button_link(["The user ", named(user)], "user", user) : null,
      this.#page.may("session list") ? button_link("Sessions", "history", "sessions", user) : null,
    ];
  }
}

export const explain = {
  title: "Explain",
  open: (page, main, [login], query) => new ExplainPage(page, main, login, query),
};
