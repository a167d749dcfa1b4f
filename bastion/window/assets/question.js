// Asks before something is done that cannot be taken back. Nothing is done unless the button that says so is pressed.

import { element } from "./element.js";

export function ask({ title, details = [], yes, no = "Cancel" }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = (answer) => () => dialog.close(answer);
    const keep = element("button", { type: "button", autofocus: true, on: { click: close("no") } }, no);
    const go = element("button", { type: "button", class: "danger", on: { click: close("yes") } }, yes);
    const dialog = element(
      "dialog",
      { "aria-labelledby": "question" },
      element("h2", { id: "question" }, title),
      details.map((text) => element("p", {}, text)),
      element("div", { class: "buttons" }, keep, go),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
