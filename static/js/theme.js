// Dark or light. The server draws the page in the chosen theme; this switches it without a reload.

const ORDER = ["system", "light", "dark"];

/** The theme after this one. @param {string} theme */
export function nextTheme(theme) {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
}

/** Listen to the switch and to the system. */
export function startTheme() {
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-theme-switch]")) apply(nextTheme(document.documentElement.dataset.theme));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.querySelector("[data-theme-switch]");
  button.title = `Theme: ${theme}`;
  button.setAttribute("aria-label", button.title);
  for (const icon of button.querySelectorAll("[data-theme-icon]")) icon.hidden = icon.dataset.themeIcon !== theme;
  fetch("/settings/theme", { method: "POST", body: new URLSearchParams({ theme }) });
  announce();
}

function announce() {
  document.dispatchEvent(new CustomEvent("lab:theme"));
}
