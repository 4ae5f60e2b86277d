// A preprocessing chain as data: steps put in, taken out, moved, switched, and their parameters read from what was typed.

/**
 * @typedef {import("./state.js").Step} Step
 * @typedef {object} Field as the program describes an option
 * @property {string} name
 * @property {"bool" | "int" | "float" | "text" | "choice" | "json"} kind
 * @property {any} default
 * @property {string} [label]
 * @property {string} [help]
 * @property {string} [unit]
 * @property {string[]} [choices]
 * @property {number | null} [minimum]
 * @property {number | null} [maximum]
 * @property {boolean} [optional]
 * @property {boolean} [required]
 *
 * @typedef {{name: string, title: string, help?: string, group?: string, fields: Field[]}} Kind of step
 */

/** A step with its defaults. @param {Kind} kind @returns {Step} */
export function newStep(kind) {
  return { step: kind.name, params: Object.fromEntries(kind.fields.map((field) => [field.name, field.default])), on: true };
}

/** @param {Step[]} chain @param {number} from @param {number} to @returns {Step[]} */
export function moved(chain, from, to) {
  if (to < 0 || to >= chain.length) return chain;
  const rest = chain.filter((_, index) => index !== from);
  return [...rest.slice(0, to), chain[from], ...rest.slice(to)];
}

/** @param {Step[]} chain @param {number} at @param {Partial<Step>} changes */
export function changed(chain, at, changes) {
  return chain.map((step, index) => (index === at ? { ...step, ...changes } : step));
}

/** @param {Step[]} chain @param {number} at */
export function without(chain, at) {
  return chain.filter((_, index) => index !== at);
}

/** A value as it stands in an input. @param {Field} field @param {any} value */
export function textOf(field, value) {
  if (value === null || value === undefined) return "";
  return field.kind === "json" ? JSON.stringify(value) : String(value);
}

/**
 * The value that was typed, or a sentence.
 * @param {Field} field
 * @param {string} text
 * @returns {{value: any} | {error: string}}
 */
export function parsed(field, text) {
  const typed = text.trim();
  if (typed === "") return nothing(field);
  if (field.kind === "bool") return { value: typed === "true" };
  if (field.kind === "int" || field.kind === "float") return number(field, typed);
  if (field.kind !== "json") return { value: typed };
  try {
    return { value: JSON.parse(typed) };
  } catch {
    return { error: "Must be JSON, such as [1, 2] or {\"a\": 1}." };
  }
}

function nothing(field) {
  if (field.optional) return { value: null };
  const hasDefault = field.default !== null && field.default !== undefined;
  return hasDefault && !field.required ? { value: field.default } : { error: "A value is needed here." };
}

function number(field, typed) {
  const value = Number(typed.replace(",", "."));
  if (!Number.isFinite(value)) return { error: `Must be a number; “${typed}” is not.` };
  if (field.kind === "int" && !Number.isInteger(value)) return { error: `Must be a whole number; “${typed}” is not.` };
  const [low, high] = [field.minimum ?? -Infinity, field.maximum ?? Infinity];
  if (value >= low && value <= high) return { value };
  const span = low > -Infinity && high < Infinity ? `from ${low} to ${high}` : low > -Infinity ? `at least ${low}` : `at most ${high}`;
  return { error: `Must be ${span}${field.unit ? ` ${field.unit}` : ""}; ${typed} is not.` };
}

/** A chain in a few words: “bandpass filter, common reference”. @param {Step[]} chain @param {Kind[]} kinds */
export function chainWords(chain, kinds) {
  const titles = new Map(kinds.map((kind) => [kind.name, kind.title]));
  const on = chain.filter((step) => step.on !== false);
  return on.length ? on.map((step) => titles.get(step.step) ?? step.step).join(", ") : "none";
}
