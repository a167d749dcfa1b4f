// What is somebody's own: containers, shares, keys and sessions. For a user without a role this is the whole window.

import { element, fill, named } from "./element.js";
import { end_session } from "./ending.js";
import { fields } from "./fields.js";
import { button, card, choice, failure, form, input, labelled, state, time } from "./parts.js";
import { ask } from "./question.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { count_of, duration } from "./text.js";

class MinePage {
  #page;
  #me = element("div");
  #containers = element("div");
  #shares = element("div");
  #keys = element("div");
  #sessions = element("div");
  #may = new Set(); // container, key, session, share, totp: what of theirs they may change
  #comments = new Map(); // of keys, by fingerprint
  #table;
  #open = [];
  #known = null; // sessions of the last snapshot
  #others = -1; // sessions beside this window's, as they are shown

  constructor(page, main) {
    this.#page = page;
    fill(
      main,
      element("h1", { tabindex: "-1" }, "My account"),
      this.#me,
      element("div", { class: "columns even" }, card("My containers", this.#containers), card("My shares", this.#shares)),
      card("My sessions", this.#sessions),
      card("My keys", this.#keys),
    );
    this.#load();
  }

  // When a session of theirs comes or goes, the list is asked for again.
  update() {
    const ids = (this.#page.live.snapshot?.sessions ?? []).filter((each) => each.user === this.#page.who.user).map((each) => each.id);
    const now = ids.sort().join(" ");
    if (this.#known !== null && this.#known !== now) this.#load_sessions();
    else this.#table?.update(this.#open);
    this.#known = now;
  }

  close() {}

  async #load() {
    const shown = await run(["show"], { me: true });
    if (shown.status !== 0) return fill(this.#me, failure(shown.error));
    const { may_change, name, lands_in, from, logged_in_with, ...rest } = shown.output;
    this.#may = new Set(String(may_change ?? "").split(/,\s*/));
    const first = { name, lands_in, from, logged_in_with };
    fill(this.#me, card("Who I am here", fields(first), element("details", {}, element("summary", {}, "What I may do"), fields({ ...rest, may_change }))));
    await this.#load_keys();
    return Promise.all([this.#load_containers(), this.#load_sessions()]);
  }

  // Does it, says what came of it, and shows anew what it has changed.
  async #do(words, again) {
    const answer = await run(words, { me: true, confirmed: true });
    if (answer.status === 0) this.#page.notices.show(answer.output?.message ?? "done");
    else this.#page.notices.show(answer.error || "that was refused", "refused");
    await again();
  }

  // What they say of shares is shown apart.
  async #load_containers() {
    const answer = await run(["container", "list"], { me: true });
    if (answer.status !== 0) return fill(this.#containers, failure(answer.error));
    const is_own = (row) => row.container.startsWith(`${this.#page.who.user}/`);
    const own = answer.output.filter(is_own);
    this.#show_containers(answer.output, is_own);
    return this.#show_shares(own.flatMap(shares_of), own.map(short));
  }

  #show_containers(rows, is_own) {
    const may = this.#may.has("container");
    const land = (row) => this.#do(["container", "default", short(row)], () => this.#load_containers());
    const table = new Table({
      caption: "My containers",
      columns: [
        {
          label: "Container",
          value: (row) => row.container,
          text: (row) => `${row.container} ${row.default}`,
          show: (row) => [named(row.container, { class: "strong" }), row.default ? element("span", { class: "badge" }, "I land here") : null, is_own(row) ? null : shared_to_me(row)],
        },
        { label: "How to get there", text: (row) => row.login, show: (row) => named(`ssh ${row.login}BASTION`, { class: "code" }) },
        {
          label: "Actions",
          actions: true,
          text: (row) => `${row.container} ${row.default}`,
          show: (row) => (may && is_own(row) && !row.default ? button("Land here", () => land(row), { class: "small", "aria-label": `Land here: ${row.container}` }) : null),
        },
      ],
      key: (row) => row.container,
      empty: "You have no container yet; ask your administrator for one.",
    });
    table.update(rows);
    fill(this.#containers, table.element);
  }

  #show_shares(rows, names) {
    const may = this.#may.has("share");
    const again = () => this.#load_containers();
    const end = (row) => button("Unshare…", () => this.#unshare(row, again), { class: "small", "aria-label": `Unshare ${row.container} with ${row.with}` });
    const table = new Table({
      caption: "My shares",
      columns: [
        { label: "Container", value: (row) => row.container, text: (row) => row.container },
        { label: "With", value: (row) => row.with, text: (row) => row.with },
        { label: "Actions", actions: true, text: (row) => `${row.container} ${row.with}`, show: (row) => (may ? end(row) : null) },
      ],
      key: (row) => `${row.container} ${row.with}`,
      empty: "You share nothing with anybody.",
    });
    table.update(rows);
    fill(this.#shares, table.element, may && names.length ? this.#share_form(names, again) : null);
  }

  #share_form(names, again) {
    const name = choice(names.map((each) => [each, each]), names[0]);
    const whom = input({ required: true, placeholder: "a user, or “group research”" });
    const until = choice([["", "for good"], ["1d", "for a day"], ["7d", "for a week"], ["30d", "for a month"]], "");
    const send = () => this.#do(["share", name.value, ...sharer_of(whom.value.trim()), ...(until.value ? ["--expires", until.value] : [])], again);
    const asks = form(send, labelled("Container", name), labelled("With", whom), labelled("How long", until), element("button", { type: "submit" }, "Share"));
    return element("details", {}, element("summary", {}, "Share a container"), asks);
  }

  async #unshare(row, again) {
    const sure = await ask({ title: `Share ${row.container} with ${row.with} no more?`, details: ["Sessions that they have there end."], yes: "Unshare" });
    if (sure) await this.#do(["unshare", short(row), ...row.whom], again);
  }

  async #load_sessions() {
    const answer = await run(["session", "list"], { me: true });
    if (answer.status !== 0) return fill(this.#sessions, failure(answer.error));
    this.#table ??= this.#sessions_table();
    const open = answer.output;
    const ids = new Set(open.map((each) => each.id));
    const ended = this.#open.filter((each) => !ids.has(each.id)).map((each) => ({ ...each, ended: true })).slice(-20);
    this.#open = [...open, ...ended];
    this.#table.update(this.#open);
    const others = open.filter((each) => !each.this_session).length;
    if (this.#others === others && this.#table.element.isConnected) return null;
    this.#others = others;
    const may_end_them = this.#may.has("session") && others > 1;
    return fill(this.#sessions, this.#table.element, may_end_them ? element("p", {}, button(`End the other ${count_of(others, "session")}…`, () => this.#end_others())) : null);
  }

  #sessions_table() {
    const may = this.#may.has("session");
    const key_of = (row) => this.#comments.get(row.key) ?? row.key ?? "–";
    const age = (row) => duration((Date.now() - new Date(row.opened)) / 1000);
    return new Table({
      caption: "My sessions",
      columns: [
        {
          label: "Container",
          value: (row) => row.container,
          text: (row) => `${row.container} ${row.this_session}`,
          show: (row) => [row.container ? named(row.container, { class: "strong" }) : element("span", { class: "faint" }, "none"), row.this_session ? element("span", { class: "badge" }, "carries this window") : null],
        },
        { label: "From", value: (row) => row.from, text: (row) => row.from },
        { label: "Key", value: key_of, text: key_of },
        { label: "Opened", value: (row) => row.opened, text: (row) => row.opened, show: (row) => time(row.opened) },
        { label: "Open for", numeric: true, value: (row) => -new Date(row.opened), text: (row) => (row.ended ? "ended" : age(row)), show: (row) => (row.ended ? state("over", "ended") : age(row)) },
        {
          label: "Actions",
          actions: true,
          text: (row) => String(row.ended ?? row.id),
          show: (row) => (may && !row.ended && !row.this_session ? button("End…", () => this.#end(row), { class: "small", "aria-label": `End my session from ${row.from}` }) : null),
        },
      ],
      key: (row) => row.id,
      mark: (row) => (row.ended ? "ended" : ""),
      empty: "You have no session.",
    });
  }

  async #end(row) {
    if (await end_session(this.#page, row, { me: true })) await this.#load_sessions();
  }

  async #end_others() {
    const sure = await ask({ title: "End all your other sessions?", details: ["Only the one that carries this window stays."], yes: "End them" });
    if (sure) await this.#do(["session", "kill", "--others"], () => this.#load_sessions());
  }

  async #load_keys() {
    const answer = await run(["key", "list"], { me: true });
    if (answer.status !== 0) return fill(this.#keys, failure(answer.error));
    this.#comments = new Map(answer.output.filter((row) => row.comment).map((row) => [row.fingerprint, row.comment]));
    const may = this.#may.has("key");
    const again = () => this.#load_keys();
    const table = new Table({
      caption: "My keys",
      columns: [
        { label: "Key", value: (row) => row.comment, text: (row) => `${row.fingerprint} ${row.comment} ${row.this_session}`, show: (row) => [named(row.comment || row.type, { class: "strong" }), row.this_session ? element("span", { class: "badge" }, "in use") : null] },
        { label: "Fingerprint", text: (row) => row.fingerprint, show: (row) => named(row.fingerprint, { class: "code" }) },
        { label: "Last used", value: (row) => row.last_used, text: (row) => row.last_used ?? "never", show: (row) => (row.last_used ? time(row.last_used) : "never") },
        { label: "Expires", value: (row) => row.expires, text: (row) => row.expires ?? "never", show: (row) => (row.expires ? time(row.expires) : "never") },
        { label: "Actions", actions: true, text: (row) => row.fingerprint, show: (row) => (may ? button("Remove…", () => this.#remove(row, again), { class: "small", "aria-label": `Remove the key ${row.comment || row.fingerprint}` }) : null) },
      ],
      key: (row) => row.fingerprint,
      empty: "You have no key here.",
    });
    table.update(answer.output);
    return fill(this.#keys, table.element, may ? this.#key_form(again) : null);
  }

  #key_form(again) {
    const key = input({ required: true, placeholder: "ssh-ed25519 AAAA… you@laptop" });
    const send = () => this.#do(["key", "add", key.value.trim()], again);
    return element("details", {}, element("summary", {}, "Add a key"), form(send, labelled("Public key: the line of ~/.ssh/id_….pub", key), element("button", { type: "submit" }, "Add")));
  }

  async #remove(row, again) {
    const details = ["Sessions that were opened with it end."];
    if (row.this_session) details.push("You have logged in with it: this window ends too.");
    const sure = await ask({ title: `Remove the key ${row.comment || row.fingerprint}?`, details, yes: "Remove the key" });
    if (sure) await this.#do(["key", "remove", row.fingerprint], again);
  }
}

// Without its owner.
function short(row) {
  return row.container.split("/")[1];
}

// "bob", or "group research", as a command has it.
function sharer_of(text) {
  const [, group] = /^group (.+)$/.exec(text) ?? [];
  return group ? ["--group", group] : [text];
}

// Of "bob, group research".
function shares_of({ container, shared_with }) {
  return (shared_with?.split(", ") ?? []).map((sharer) => ({ container, with: sharer, whom: sharer_of(sharer) }));
}

function shared_to_me(row) {
  return element("span", { class: "faint" }, " shared with me", row.until ? [" until ", time(row.until)] : null);
}

export const mine = { title: "My account", open: (page, main) => new MinePage(page, main) };
