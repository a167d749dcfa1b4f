// What a command says of one thing: names and values.

import { element, named } from "./element.js";
import { time } from "./parts.js";
import { bytes, duration, milliseconds, words } from "./text.js";

const kTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

// Names that their words do not tell.
const kLabels = {
  auth: "Has to show",
  sftp: "SFTP",
  record: "Recorded",
  latency_ms: "Latency",
  max_rekeys: "Most rekeys",
  max_bytes: "Most bytes",
  max_logins: "Most logins",
  max_session: "Longest session",
  max_sessions: "Most sessions",
  one_time_codes: "One-time codes",
  login: "Account",
  via: "Behind",
};

export function label_of(name) {
  return Object.hasOwn(kLabels, name) ? kLabels[name] : words(name);
}

function shown(name, value) {
  if (value === null || value === undefined || value === "") return element("span", { class: "faint" }, "none");
  if (value === "default") return element("span", { class: "faint" }, "as configured");
  if (value === true) return "yes";
  if (value === false) return "no";
  if (name.startsWith("bytes_")) return bytes(value);
  if (name.endsWith("_ms")) return milliseconds(value);
  if (name.endsWith("_seconds")) return duration(value);
  if (kTime.test(value)) return time(value);
  return named(value, { class: /fingerprint|key$|address|logged_in_with|^id$/.test(name) ? "code" : null });
}

// Lists in it have a place of their own.
export function fields(record) {
  const kept = Object.entries(record).filter(([, value]) => !Array.isArray(value));
  const pairs = kept.map(([name, value]) => element("div", { class: String(value ?? "").length > 32 ? "long" : null }, element("dt", {}, label_of(name)), element("dd", {}, shown(name, value))));
  return element("dl", { class: "fields" }, pairs);
}

// The same; what has been left as it comes is one press away.
export function fields_that_are_set(record) {
  const is_set = ([, value]) => value !== null && value !== "" && value !== "default";
  const all = Object.entries(record).filter(([, value]) => !Array.isArray(value));
  const rest = all.filter((each) => !is_set(each));
  const others = rest.length ? element("details", {}, element("summary", {}, `${rest.length} more, not set`), fields(Object.fromEntries(rest))) : null;
  return [fields(Object.fromEntries(all.filter(is_set))), others];
}
