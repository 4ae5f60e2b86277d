// Elements made in one expression, with text as text.

/**
 * @param {string} name
 * @param {Record<string, any>} [attributes] `on…` are listeners, true and false are boolean attributes
 * @param {...(Node | string | null)} children
 */
export function made(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(key, value);
    else if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Give a file to the person. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  made("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A count with thin spaces. @param {number} value */
export function counted(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}
