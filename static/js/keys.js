// Shortcuts that every page has, and the dialog that lists the keys of this page.
import { tinykeys } from "../vendor/tinykeys.js";

/** Whether a key belongs to what has the focus, since it is typed into. @param {Element | null} element */
export function isTyping(element) {
  return Boolean(element?.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]"));
}

/** @param {(event: KeyboardEvent) => void} act */
function unlessTyping(act) {
  return (event) => {
    if (isTyping(document.activeElement) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    act(event);
  };
}

function showKeys() {
  document.querySelector("#keys")?.showModal();
}

const goTo = (path) => unlessTyping(() => window.htmx.ajax("GET", path, { target: "body", push: "true" }));

/** Listen for the keys of all pages. */
export function startKeys() {
  tinykeys(window, {
    "Shift+?": unlessTyping(showKeys),
    "?": unlessTyping(showKeys),
    "/": unlessTyping(() => document.querySelector("[data-search]")?.focus()),
    "g l": goTo("/"),
    "g j": goTo("/jobs"),
    "g i": goTo("/import"),
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-keys]")) showKeys();
  });
}
