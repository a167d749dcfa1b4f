// Elements are made of values: whatever comes from elsewhere becomes text that can be seen, never markup.

const kAttribute = /^(aria-[a-z]+|data-[a-z]+|class|id|role|tabindex|type|name|for|value|placeholder|title|lang|dir|datetime|scope|colspan|autocomplete|list|maxlength|spellcheck|rows|cols|open|hidden|required|selected|checked|disabled|download|autofocus|viewBox|width|height|d|x|y|x1|x2|y1|y2|cx|cy|r|focusable)$/;
// Attributes that are read out, or shown.
const kHeard = /^(aria-label|title|placeholder)$/;

function place(target, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    target.append(child instanceof Node ? child : document.createTextNode(plain(child)));
  }
}

function furnish(made, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    } else if (name === "href") {
      if (!/^(#|\/api\/recordings\/)/.test(value)) throw new Error("a link leads to a page of the window, or to a recording");
      made.setAttribute("href", value);
    } else if (kAttribute.test(name)) {
      made.setAttribute(name, value === true ? "" : kHeard.test(name) ? plain(value) : String(value));
    } else {
      throw new Error(`no such property: ${name}`);
    }
  }
}

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  furnish(made, properties);
  place(made, children);
  return made;
}

export function drawing(name, properties = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  furnish(made, properties);
  place(made, children);
  return made;
}

// Puts these in the place of what was there.
export function fill(target, ...children) {
  target.replaceChildren();
  place(target, children);
  return target;
}

// An address inside the window: every part is one name.
export function address(page, ...parts) {
  return `#/${[page, ...parts].map(encodeURIComponent).join("/")}`;
}

// The same with what was asked for there; what is empty is left out.
export function address_with(query, page, ...parts) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return asked.size ? `${address(page, ...parts)}?${asked}` : address(page, ...parts);
}

export function link(text, page, ...parts) {
  return element("a", { href: address(page, ...parts) }, named(text));
}

// A name or a text of somebody else's, which keeps its direction to itself.
export function named(text, properties = {}) {
  const shown = plain(text);
  return element("bdi", { ...properties, class: [properties.class, shown.length > 48 && "lengthy"].filter(Boolean).join(" ") || null }, shown);
}

// Characters that show nothing, or that turn what stands around them: controls, and marks of direction and width.
const kUnseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]/g;
const kLongest = 1000;

// The same, with what cannot be seen written out.
export function plain(text) {
  const all = String(text ?? "");
  const shown = all.length > kLongest ? `${all.slice(0, kLongest)}…` : all;
  return shown.replace(kUnseen, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
