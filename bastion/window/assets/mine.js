// What is somebody's own: containers, sessions, keys and shares. For a user without a role this is the whole window.

import { element, fill, named } from "./element.js";
import { end_session } from "./ending.js";
import { button, card, choice, failure, fields, form, input, labelled, time } from "./parts.js";
import { ask } from "./question.js";
import { run } from "./server.js";
import { Table } from "./table.js";
import { count_of, duration } from "./text.js";

class MinePage {
  #page;
  #me = element("div");
  #containers = element("div");
  #sessions = element("div");
  #keys = element("div");
  #may = new Set(); // container, key, session, share, totp: what of theirs they may change
  #table;
  #open = [];

  constructor(page, main) {
    this.#page = page;
    fill(main, element("h1", { tabindex: "-1" }, "Mine"), this.#me, element("div", { class: "columns even" }, card("My containers", this.#containers), card("My keys", this.#keys)), card("My sessions", this.#sessions));
    this.#load();
  }

  // When a session of theirs comes or goes, the list is asked for again.
  update() {
    const ids = (this.#page.live.snapshot?.sessions ?? []).filter((each) => each.user === this.#page.who.user).map((each) => each.id);
    const now = ids.sort().join(" ");
    if (this.#known !== null && this.#known !== now) this.#load_sessions();
    this.#known = now;
  }

  close() {}

  #known = null;

  async #load() {
    const shown = await run(["show"], { me: true });
    if (shown.status !== 0) return fill(this.#me, failure(shown.error));
    const { may_change, name, lands_in, from, logged_in_with, ...rest } = shown.output;
    this.#may = new Set(String(may_change ?? "").split(/,\s*/));
    const first = { name, lands_in, from, logged_in_with };
    fill(this.#me, card("Who I am here", fields(first), element("details", {}, element("summary", {}, "What I may do"), fields({ ...rest, may_change }))));
    return Promise.all([this.#load_containers(), this.#load_sessions(), this.#load_keys()]);
  }

  // Does it, says what came of it, and shows anew what it has changed.
  async #do(words, again) {
    const answer = await run(words, { me: true, confirmed: true });
    if (answer.status === 0) this.#page.notices.show(answer.output?.message ?? "done");
    else this.#page.notices.show(answer.error || "that was refused", "refused");
    await again();
  }

  async #load_containers() {
    const answer = await run(["container", "list"], { me: true });
    if (answer.status !== 0) return fill(this.#containers, failure(answer.error));
    const rows = answer.output;
    const mine = (row) => row.container.startsWith(`${this.#page.who.user}/`);
    const short = (row) => row.container.split("/")[1];
    const again = () => this.#load_containers();
    const table = new Table({
      caption: "My containers",
      columns: [
        { label: "Container", value: (row) => row.container, text: (row) => `${row.container} ${row.default}`, show: (row) => [named(row.container, { class: "strong" }), row.default ? element("span", { class: "badge" }, "I land here") : null] },
        { label: "How to get there", text: (row) => row.login, show: (row) => named(`ssh ${row.login}…`, { class: "code" }) },
        { label: "Shared with", value: (row) => row.shared_with, text: (row) => `${row.shared_with ?? "nobody"} ${row.until}`, show: (row) => [named(row.shared_with ?? "nobody"), row.until ? [" until ", time(row.until)] : null] },
        {
          label: "Actions",
          actions: true,
          text: (row) => `${row.container} ${row.default} ${row.shared_with}`,
          show: (row) => [
            this.#may.has("container") && mine(row) && !row.default ? button("Land here", () => this.#do(["container", "default", short(row)], again), { class: "small", "aria-label": `Land here: ${row.container}` }) : null,
            this.#may.has("share") && mine(row) && row.shared_with ? button("Unshare…", () => this.#unshare(short(row), row.shared_with, again), { class: "small", "aria-label": `Unshare ${row.container} with ${row.shared_with}` }) : null,
          ],
        },
      ],
      key: (row) => `${row.container} ${row.shared_with}`,
      empty: "You have no container yet; ask your administrator for one.",
    });
    table.update(rows);
    const own = [...new Set(rows.filter(mine).map(short))];
    return fill(this.#containers, table.element, this.#may.has("share") && own.length ? this.#share_form(own, again) : null);
  }

  #share_form(names, again) {
    const name = choice(names.map((each) => [each, each]), names[0]);
    const whom = input({ required: true, placeholder: "a user" });
    const until = choice([["", "for good"], ["1d", "for a day"], ["7d", "for a week"], ["30d", "for a month"]], "");
    const send = () => this.#do(["share", name.value, whom.value.trim(), ...(until.value ? ["--expires", until.value] : [])], again);
    return element("details", {}, element("summary", {}, "Share a container"), form(send, labelled("Container", name), labelled("With", whom), labelled("How long", until), element("button", { type: "submit" }, "Share")));
  }

  async #unshare(name, whom, again) {
    const sure = await ask({ title: `Share ${name} with ${whom} no more?`, details: ["Sessions that they have there end."], yes: "Unshare" });
    if (sure) await this.#do(["unshare", name, whom], again);
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
    const may = this.#may.has("session");
    if (!this.#table.element.isConnected || this.#others !== others) fill(this.#sessions, this.#table.element, may && others > 1 ? element("p", {}, button(`End the other ${count_of(others, "session")}…`, () => this.#end_others())) : null);
    this.#others = others;
    return null;
  }

  #others = -1;

  #sessions_table() {
    const may = this.#may.has("session");
    return new Table({
      caption: "My sessions",
      columns: [
        { label: "Container", value: (row) => row.container, text: (row) => `${row.container} ${row.this_session}`, show: (row) => [row.container ? named(row.container, { class: "strong" }) : element("span", { class: "faint" }, "none"), row.this_session ? element("span", { class: "badge" }, "carries this window") : null] },
        { label: "From", value: (row) => row.from, text: (row) => row.from },
        { label: "Opened", value: (row) => row.opened, text: (row) => row.opened, show: (row) => time(row.opened) },
        { label: "Idle for", numeric: true, value: (row) => row.idle_seconds, text: (row) => (row.ended ? "ended" : duration(row.idle_seconds)) },
        { label: "Key", text: (row) => row.key ?? "–", show: (row) => named(row.key ?? "–", { class: "code" }) },
        { label: "Actions", actions: true, text: (row) => String(row.ended ?? row.id), show: (row) => (may && !row.ended && !row.this_session ? button("End…", () => this.#end(row), { class: "small", "aria-label": `End my session from ${row.from}` }) : null) },
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
    const may = this.#may.has("key");
    const again = () => this.#load_keys();
    const table = new Table({
      caption: "My keys",
      columns: [
        { label: "Key", value: (row) => row.comment, text: (row) => `${row.fingerprint} ${row.comment} ${row.this_session}`, show: (row) => [named(row.comment || row.type, { class: "strong" }), row.this_session ? element("span", { class: "badge" }, "in use") : null, element("br"), named(row.fingerprint, { class: "code small-text" })] },
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

export const mine = { title: "Mine", open: (page, main) => new MinePage(page, main) };
