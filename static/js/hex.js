/** #rrggbb of red, green and blue. @param {ArrayLike<number>} bytes */
export function hex([red, green, blue]) {
  return "#" + [red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("");
}
