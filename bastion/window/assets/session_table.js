// The table of sessions, as they are now.

import { element, link, named } from "./element.js";
import { end_session } from "./ending.js";
import { button, container_link, route_of, route_text, state } from "./parts.js";
import { Table } from "./table.js";
import { bytes, duration, moment, rate } from "./text.js";

function age(session) {
  return (session.ended ?? Date.now()) / 1000 - new Date(session.since).getTime() / 1000;
}

function user_cell(page, session) {
  const badges = [];
  if (session.recorded) badges.push(element("span", { class: "badge recorded" }, "recorded"));
  if (session.id === page.who.session) badges.push(element("span", { class: "badge" }, "this window"));
  if (page.live.is_new(session.id)) badges.push(element("span", { class: "badge new" }, "new"));
  return element("span", { class: "who" }, link(session.user, "session", session.id), badges);
}

export function session_table(page, { caption, empty, may_end }) {
  const several = () => new Set((page.live.snapshot?.sessions ?? []).map((each) => each.bastion)).size > 1;
  const columns = [
    {
      label: "User",
      value: (session) => session.user,
      text: (session) => `${session.user} ${session.recorded} ${session.id === page.who.session} ${page.live.is_new(session.id)}`,
      show: (session) => user_cell(page, session),
    },
    {
      label: "Container",
      value: (session) => session.container,
      text: (session) => session.container ?? "none",
      show: (session) => container_link(session.container),
    },
    { label: "From", value: (session) => session.from, text: (session) => session.from },
    {
      label: "Route",
      value: (session) => route_text(session.route),
      text: (session) => `${session.container} ${route_text(session.route)} ${several() ? session.bastion : ""}`,
      show: (session) => [session.container ? route_of(session.route) : "–", several() ? element("span", { class: "faint" }, " at ", named(session.bastion)) : null],
    },
    {
      label: "Open for",
      numeric: true,
      value: (session) => -new Date(session.since).getTime(),
      text: (session) => (session.ended ? `ended ${moment(session.ended)}` : duration(age(session))),
      show: (session) => (session.ended ? state("over", `ended ${moment(session.ended)}`) : duration(age(session))),
    },
    {
      label: "Sent",
      numeric: true,
      value: (session) => session.rate_from_user,
      text: (session) => (session.ended ? bytes(session.from_user) : `${bytes(session.from_user)} ${rate(session.rate_from_user)}`),
      show: (session) => amounts(session.from_user, session.ended ? 0 : session.rate_from_user),
    },
    {
      label: "Received",
      numeric: true,
      value: (session) => session.rate_from_container,
      text: (session) => (session.ended ? bytes(session.from_container) : `${bytes(session.from_container)} ${rate(session.rate_from_container)}`),
      show: (session) => amounts(session.from_container, session.ended ? 0 : session.rate_from_container),
    },
  ];
  if (may_end) {
    columns.push({
      label: "Actions",
      actions: true,
      text: (session) => (session.ended ? "" : session.id),
      show: (session) =>
        session.ended ? null : button("End…", () => end_session(page, session), { class: "small", "aria-label": `End the session of ${session.user} from ${session.from}` }),
    });
  }
  return new Table({
    caption,
    columns,
    key: (session) => session.id,
    mark: (session) => (session.ended ? "ended" : page.live.is_new(session.id) ? "arrived" : ""),
    order: { column: "Open for", descending: false },
    empty,
  });
}

function amounts(all, each_second) {
  const moves = each_second >= 0.5;
  return element("span", { class: "amounts" }, element("span", { class: "moving" }, moves ? rate(each_second) : ""), element("span", {}, bytes(all)));
}
