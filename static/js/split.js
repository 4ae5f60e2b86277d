// The bar between two parts of a page: dragged, or moved with the arrow keys.
import { whenever } from "./mount.js";

const [LEAST, MOST, STEP] = [20, 75, 2];

/** A share in per cent inside its limits. @param {number} share */
export function limited(share) {
  return Math.max(LEAST, Math.min(MOST, share));
}

whenever("[data-splitter]", (bar) => {
  const whole = bar.parentElement;
  let share = Number(bar.getAttribute("aria-valuenow"));
  const move = (next) => {
    share = limited(next);
    whole.style.setProperty("--split", `${share}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(share)));
    dispatchEvent(new Event("resize"));
  };
  bar.addEventListener("pointerdown", (event) => bar.setPointerCapture(event.pointerId));
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const box = whole.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * 100);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    move(share + step);
  });
});
