// Which rows a click or a key chooses in a list, as files are chosen everywhere.

/**
 * What is chosen after a click.
 * @param {string[]} order all ids as they stand
 * @param {string[]} chosen
 * @param {string} id of the row clicked
 * @param {{add?: boolean, range?: boolean, anchor?: string | null}} how
 */
export function clicked(order, chosen, id, { add = false, range = false, anchor = null } = {}) {
  if (range && anchor !== null) {
    const between = span(order, anchor, id);
    return add ? [...chosen, ...between.filter((each) => !chosen.includes(each))] : between;
  }
  if (!add) return [id];
  return chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id];
}

/** The ids from one to another, the first one first. @param {string[]} order @param {string} from @param {string} to */
export function span(order, from, to) {
  const [first, last] = [order.indexOf(from), order.indexOf(to)];
  if (first < 0 || last < 0) return [to];
  return first <= last ? order.slice(first, last + 1) : order.slice(last, first + 1).reverse();
}

/**
 * The row that a key leads to, or null when the key means nothing here.
 * @param {string} key
 * @param {string[]} order
 * @param {string | null} from
 */
export function reached(key, order, from) {
  if (!order.length) return null;
  const at = from === null ? -1 : order.indexOf(from);
  const page = 15;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: order.length - 1, PageDown: at + page, PageUp: at - page }[key];
  return to === undefined ? null : order[Math.max(0, Math.min(order.length - 1, to))];
}
