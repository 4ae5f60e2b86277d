// Gives elements their behaviour by selector when they arrive, and takes it from them when they go.

/** @typedef {{destroy?: () => void}} Mounted */
/** @type {Map<string, (element: Element) => Mounted | void>} */
const makers = new Map();
/** @type {Map<Element, Mounted[]>} */
const mounted = new Map();

/**
 * Whatever matches `selector` is given to `make` once. What `make` answers may have a `destroy`.
 * @param {string} selector
 * @param {(element: any) => Mounted | void} make
 */
export function whenever(selector, make) {
  makers.set(selector, make);
}

/** Mount everything in `root`, itself included, that is not yet. @param {Element} root */
export function mountAll(root) {
  for (const [selector, make] of makers) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches(selector)) found.unshift(root);
    for (const element of found) {
      const key = `mounted ${selector}`;
      if (element[key]) continue;
      element[key] = true;
      const made = make(element);
      if (made) mounted.set(element, [...(mounted.get(element) ?? []), made]);
    }
  }
}

/** Unmount what is inside `root` or is it. @param {Element} root */
export function unmountIn(root) {
  unmountWhere((element) => root.contains(element));
}

/** Unmount what is no longer in the page. */
export function unmountGone() {
  unmountWhere((element) => !element.isConnected);
}

/** @param {(element: Element) => boolean} isMeant */
function unmountWhere(isMeant) {
  for (const [element, parts] of [...mounted]) {
    if (!isMeant(element)) continue;
    mounted.delete(element);
    for (const part of parts) part.destroy?.();
  }
}
