// The units table: thousands of rows, sorted by any column, rows chosen with mouse and keys.
import { clicked, reached } from "./choosing.js";

const NOTHING = "–";

/**
 * A value as a cell shows it: numbers to equal decimals, a dash for nothing.
 * @param {any} value
 * @param {{kind: string, decimals: number}} column
 */
export function cellText(value, column) {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (column.kind !== "number") return String(value);
  return value.toFixed(column.decimals).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "\u2009");
}

/** Order of two cells: numbers and texts as they are (unit10 after unit2), nothing always last. */
export function ordered(a, b, direction = "asc") {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return noA && noB ? 0 : (noA ? 1 : -1) * (direction === "asc" ? 1 : -1);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

const title = (column) => (column.unit ? `${column.title} (${column.unit})` : column.title);

function definition(column, first) {
  const format = (cell) => {
    const text = document.createElement("span");
    text.textContent = cellText(cell.getValue(), column);
    if (!first) return text;
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = cell.getData().colour;
    const both = document.createElement("span");
    both.append(swatch, text);
    return both;
  };
  return {
    title: title(column),
    field: column.field,
    headerTooltip: `${title(column)}: ${column.help}`,
    hozAlign: column.kind === "number" ? "right" : "left",
    headerHozAlign: column.kind === "number" ? "right" : "left",
    headerSortStartingDir: column.kind === "number" ? "desc" : "asc",
    sorter: (a, b, rowA, rowB, of, direction) => ordered(a, b, direction),
    formatter: format,
    frozen: first,
    minWidth: 56,
  };
}

/**
 * A table in its place.
 * @param {HTMLElement} place
 * @param {{columns: any[], rows: any[]}} result
 * @param {(units: string[]) => void} choose called when the person chose other rows
 */
export async function makeTable(place, result, choose) {
  const { TabulatorFull } = await import("../vendor/tabulator.min.js");
  const ends = new AbortController();
  let shown = result;
  let [chosen, current, anchor] = [[], null, null];
  const table = new TabulatorFull(place, {
    index: "id",
    data: result.rows,
    columns: result.columns.map((column, index) => definition(column, index === 0)),
    layout: "fitDataFill",
    height: "100%",
    rowHeight: parseInt(getComputedStyle(place).getPropertyValue("--row-height"), 10),
    nestedFieldSeparator: false,
    selectableRows: "highlight",
    columnDefaults: { resizable: "header" },
    placeholder: "This sorting has no units.",
  });
  await new Promise((resolve) => table.on("tableBuilt", resolve));
  place.tabIndex = 0;
  place.setAttribute("aria-label", "Units; arrows move, Shift chooses several, Escape chooses none");

  const order = () => table.getRows("active").map((row) => row.getIndex());
  const take = (units, at) => {
    current = at;
    mark(units);
    choose(units);
  };
  const mark = (units) => {
    chosen = units;
    table.deselectRow();
    if (units.length) table.selectRow(units.filter((unit) => table.getRow(unit)));
  };
  table.on("rowClick", (event, row) => {
    const id = row.getIndex();
    const next = clicked(order(), chosen, id, { add: event.ctrlKey || event.metaKey, range: event.shiftKey, anchor });
    if (!event.shiftKey) anchor = id;
    place.focus({ preventScroll: true });
    take(next, id);
  });
  place.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") {
        anchor = null;
        return take([], current);
      }
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyA") {
        event.preventDefault();
        return take(order(), current);
      }
      const next = reached(event.key, order(), current);
      if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.shiftKey) anchor = next;
      table.scrollToRow(next, "nearest", false).catch(() => {});
      take(clicked(order(), chosen, next, { range: event.shiftKey, anchor: anchor ?? next }), next);
    },
    { signal: ends.signal, capture: true },
  );

  return {
    select: mark,
    async replace(next) {
      shown = next;
      table.setColumns(next.columns.map((column, index) => definition(column, index === 0)));
      await table.replaceData(next.rows);
      mark(chosen);
    },
    columns() {
      const rows = table.getData("active");
      return Object.fromEntries(shown.columns.map((column) => [title(column), rows.map((row) => row[column.field])]));
    },
    destroy() {
      ends.abort();
      table.destroy();
    },
  };
}
