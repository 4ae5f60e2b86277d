// When a sorting's post-processing is done, its views look again.
import { whenever } from "./mount.js";

const analyzed = new Map();

whenever("[data-analyzed]", (element) => {
  const { sorting, analyzed: now } = element.dataset;
  const before = analyzed.get(sorting);
  analyzed.set(sorting, now);
  if (before === "false" && now === "true") document.body.dispatchEvent(new CustomEvent(`lab:analyzed-${sorting}`));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-unfold]");
  if (!button) return;
  const part = document.querySelector(button.dataset.unfold);
  part.hidden = !part.hidden;
  button.setAttribute("aria-expanded", String(!part.hidden));
  if (!part.hidden) part.querySelector("input, textarea")?.focus();
});
