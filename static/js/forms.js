// What forms do beyond HTML: mark and reset changed values, show only those, and ask the window for a path.
import { whenever } from "./mount.js";

/**
 * Whether a value differs from its default: as text, and numbers as numbers (1e-3 is 0.001).
 * @param {string} value
 * @param {string} standard
 */
export function differs(value, standard) {
  const [given, normal] = [value.trim(), standard.trim()];
  if (given === normal) return false;
  return given === "" || normal === "" || Number.isNaN(Number(given)) || Number(given) !== Number(normal);
}

const valueOf = (input) => (input.type === "checkbox" ? String(input.checked) : input.value);

function mark(input) {
  const field = input.closest("[data-field]");
  if (!field) return;
  forgive(input);
  const changed = differs(valueOf(input), input.dataset.default);
  field.classList.toggle("changed", changed);
  field.querySelector("[data-reset]").hidden = !changed;
  const form = input.form;
  form?.querySelectorAll("[data-changed-count]").forEach((place) => {
    place.textContent = String(form.querySelectorAll("[data-field].changed").length);
  });
}

/** What was wrong with a value says nothing of another one. */
function forgive(input) {
  if (!input.hasAttribute("aria-invalid")) return;
  input.removeAttribute("aria-invalid");
  document.getElementById(`${input.id}-error`)?.remove();
}

function reset(button) {
  const input = document.getElementById(button.dataset.reset);
  if (input.type === "checkbox") input.checked = input.dataset.default === "true";
  else input.value = input.dataset.default;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
}

async function askForPath(button) {
  const answer = await fetch("/dialogs/open", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ kind: button.dataset.dialog }),
  });
  const { path } = await answer.json();
  if (!answer.ok || !path) return;
  const input = document.getElementById(button.dataset.for);
  input.value = path;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  if (input.dataset.submitOnPath !== undefined) input.form.requestSubmit();
}

function clicked(event) {
  const button = event.target.closest?.("button");
  if (!button) return;
  if (button.dataset.reset) reset(button);
  else if (button.dataset.dialog) askForPath(button);
  else if (button.dataset.close) document.querySelector(button.dataset.close)?.replaceChildren();
}

/** Listen on behalf of all forms. */
export function startForms() {
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.default !== undefined) mark(event.target);
    if (event.target.matches?.("[data-only-changed]")) {
      event.target.form.classList.toggle("only-changed", event.target.checked);
    }
  });
  document.addEventListener("click", clicked);
}

whenever("[data-dialog]", (button) => {
  button.hidden = document.body.dataset.window !== "true";
});
