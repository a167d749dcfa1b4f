// Parts that several pages are made of.

import { address, element, fill, link, named, plain } from "./element.js";
import { moment } from "./text.js";

export function card(title, ...content) {
  const id = `card-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return element("section", { class: "card", "aria-labelledby": id }, element("h2", { id }, title), content);
}

export function time(at) {
  return at ? element("time", { datetime: at, title: at }, moment(at)) : "–";
}

// Those of today have no date: when the day is over, they get one.
export function write_times_anew() {
  for (const each of document.querySelectorAll("time")) each.textContent = moment(each.dateTime);
}

export function button(text, press, properties = {}) {
  return element("button", { type: "button", ...properties, on: { click: press } }, text);
}

export function button_link(text, page, ...parts) {
  return element("a", { class: "button", href: address(page, ...parts) }, text);
}

// A field of a form with its label; `control` has the id.
export function labelled(text, control, { unseen = false } = {}) {
  return element("div", { class: "labelled" }, element("label", { for: control.id, class: unseen ? "unseen" : null }, text), control);
}

let numbers = 0;
export function input(properties = {}) {
  numbers += 1;
  return element("input", { id: `input-${numbers}`, type: "text", autocomplete: "off", spellcheck: "false", ...properties });
}

export function choice(options, chosen) {
  numbers += 1;
  const made = options.map(([value, text]) => element("option", { value, selected: value === chosen }, text));
  return element("select", { id: `input-${numbers}` }, made);
}

// A form that is answered in the page: nothing is ever sent by the browser itself.
export function form(send, ...content) {
  const answer = (event) => {
    event.preventDefault();
    send();
  };
  return element("form", { class: "asks", on: { submit: answer } }, content);
}

// Names a state by a shape, a colour and a word.
export function state(kind, text) {
  return element("span", { class: `state ${kind}` }, element("span", { class: "shape", "aria-hidden": "true" }), text);
}

export function failure(text) {
  return element("p", { class: "failure", role: "alert" }, plain(text));
}

export function container_link(place) {
  if (!place) return element("span", { class: "faint" }, "none");
  const [owner, name] = place.includes("/") ? place.split("/", 2) : [null, place];
  return owner ? link(place, "container", owner, name) : named(place);
}

export function session_link(id) {
  return element("a", { class: "code", href: address("session", id) }, named(id));
}

// "be1 > be2", or a list, as it is shown.
export function route_of(route) {
  const hops = Array.isArray(route) ? route : String(route ?? "").split(" > ").filter(Boolean);
  if (!hops.length) return element("span", { class: "faint" }, "direct");
  const steps = hops.map((hop, index) => [index ? element("span", { class: "arrow", "aria-label": "then" }, " › ") : null, named(hop)]);
  return element("span", { class: "route" }, steps);
}

export function route_text(route) {
  return Array.isArray(route) ? route.join(" > ") : (route ?? "");
}

// The rows in which every word of the text is somewhere.
export function found(rows, text, fields_of) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return rows;
  return rows.filter((row) => {
    const all = fields_of(row).map((each) => String(each ?? "").toLowerCase()).join("\n");
    return wanted.every((word) => all.includes(word));
  });
}

// Shows what a command said, or why it did not.
export async function load(target, asked, show) {
  fill(target, element("p", { class: "empty" }, "Asking the bastion…"));
  const answer = await asked;
  if (answer.status !== 0 && answer.output === null) fill(target, failure(answer.error || answer.text || "the bastion gave no answer"));
  else fill(target, show(answer.output, answer));
}
