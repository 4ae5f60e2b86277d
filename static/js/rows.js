// Tables whose rows open something: Enter and double-click open, the arrows move.
import { whenever } from "./mount.js";

/**
 * Where an arrow key leads in a list of `count` rows.
 * @param {string} key
 * @param {number} index
 * @param {number} count
 */
export function target(key, index, count) {
  const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}

const open = (row) => row.querySelector("a[href]")?.click();

whenever("tr[data-href]", (row) => {
  row.addEventListener("dblclick", () => open(row));
  row.addEventListener("keydown", (event) => {
    if (event.target !== row) return;
    if (event.key === "Enter") return open(row);
    const rows = [...row.parentElement.querySelectorAll("tr[data-href]")];
    const to = target(event.key, rows.indexOf(row), rows.length);
    if (to === undefined) return;
    event.preventDefault();
    rows[to].focus();
  });
});
