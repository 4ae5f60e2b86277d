// Figures as data: our layout under the figure's own, and its numbers as CSV. No drawing here.

const AXIS = /^[xy]axis\d*$/;
const NARROW_PX = 170;
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** `over` laid over `under`, object by object. */
export function merged(under, over) {
  const result = { ...under };
  for (const [key, value] of Object.entries(over ?? {})) {
    result[key] = isObject(value) && isObject(under?.[key]) ? merged(under[key], value) : value;
  }
  return result;
}

/**
 * A view's layout on top of the program's own look.
 * @param {Record<string, any>} layout
 * @param {{panel: string, text: string, strong: string, grid: string, axis: string, raised: string, accent: string, font: string}} look
 */
export function styled(layout, look) {
  const axis = {
    automargin: true, zeroline: false, showline: true, linecolor: look.axis, gridcolor: look.grid, showgrid: false,
    tickcolor: look.axis, ticks: "outside", ticklen: 3, tickfont: { size: 11 }, title: { font: { size: 12 }, standoff: 6 }, nticks: 6,
  };
  const base = {
    paper_bgcolor: look.panel,
    plot_bgcolor: look.panel,
    font: { family: look.font, size: 12, color: look.text },
    margin: { l: 48, r: 12, t: 10, b: 40 },
    colorway: undefined,
    showlegend: false,
    hoverlabel: { bgcolor: look.raised, bordercolor: look.axis, font: { family: look.font, size: 12, color: look.strong } },
    hovermode: "closest",
    dragmode: "pan",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: look.text, activecolor: look.accent },
  };
  const axes = new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((key) => AXIS.test(key))]);
  for (const name of axes) base[name] = axis;
  return merged(base, layout);
}

/**
 * A figure of many panels, made to fit the width it has: narrow ones say their title once, at the lower left, instead
 * of running into their neighbours, and leave the numbers of their own upright axis to the pointer.
 * @param {Record<string, any>} layout
 * @param {number} width in px
 */
export function fitted(layout, width) {
  const result = { ...layout };
  const narrow = Object.keys(layout)
    .filter((name) => /^xaxis\d*$/.test(name) && layout[name].domain)
    .filter((name) => (layout[name].domain[1] - layout[name].domain[0]) * width < NARROW_PX);
  const place = (name) => [layout[upright(layout[name])]?.domain?.[0] ?? 0, layout[name].domain[0]];
  const told = new Set();
  for (const name of narrow.sort((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1])) {
    const title = layout[name].title?.text;
    if (title && told.has(title)) result[name] = { ...layout[name], title: { text: "" } };
    told.add(title);
    const own = upright(layout[name]);
    if (narrow.length > 1 && layout[own]) result[own] = { ...layout[own], showticklabels: false, ticks: "" };
  }
  return result;
}

const upright = (axis) => (axis.anchor ?? "y").replace("y", "yaxis");

/**
 * The numbers of a figure: its own table if it has one, else the x and y of every trace.
 * @param {{data?: any[], table?: Record<string, any[]>}} figure
 * @returns {Record<string, any[]>} column name to values
 */
export function numbers(figure) {
  if (figure.table) return figure.table;
  const columns = {};
  (figure.data ?? []).forEach((trace, index) => {
    const name = trace.name ?? `trace ${index + 1}`;
    for (const axis of ["x", "y"]) if (Array.isArray(trace[axis])) columns[`${name} ${axis}`] = trace[axis];
  });
  return columns;
}

/** Columns as CSV text (RFC 4180). @param {Record<string, any[]>} columns */
export function csv(columns) {
  const names = Object.keys(columns);
  const count = names.reduce((most, name) => Math.max(most, columns[name].length), 0);
  const lines = [names.map(cell).join(",")];
  for (let row = 0; row < count; row += 1) lines.push(names.map((name) => cell(columns[name][row])).join(","));
  return lines.join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
