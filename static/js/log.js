// A job's log that grows on the page: read from a byte offset on, following the end unless one has scrolled up.
import { whenever } from "./mount.js";

const EVERY_MS = 700;
const NEAR_PX = 24;
const KEPT_CHARACTERS = 2_000_000;

/**
 * The log after a chunk: complete lines are kept, the unfinished last one is replaced each time.
 * @param {{text: string, partial: string, offset: number}} log
 * @param {{text: string, partial: string, next_offset: number}} chunk
 */
export function grown(log, chunk) {
  let text = log.text + chunk.text;
  if (text.length > KEPT_CHARACTERS) text = text.slice(text.indexOf("\n", text.length - KEPT_CHARACTERS) + 1);
  return { text, partial: chunk.partial, offset: chunk.next_offset };
}

whenever("[data-log]", (box) => {
  let log = { text: box.textContent, partial: "", offset: Number(box.dataset.offset) };
  let timer = 0;
  let gone = false;

  const draw = () => {
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    box.textContent = log.text + log.partial;
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  const read = async () => {
    const answer = await fetch(`${box.dataset.log}?offset=${log.offset}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const chunk = await answer.json();
    if (gone) return false;
    log = grown(log, chunk);
    if (chunk.text || chunk.partial) draw();
    return chunk.more;
  };
  const isLive = () => document.querySelector("[data-job-live]")?.dataset.jobLive === "true";
  const follow = async () => {
    clearTimeout(timer);
    const more = await read().catch(() => false);
    if (!gone && (more || isLive())) timer = setTimeout(follow, more ? 0 : EVERY_MS);
  };

  box.scrollTop = box.scrollHeight;
  follow();
  const again = () => follow();
  document.body.addEventListener(box.dataset.event, again);
  document.body.addEventListener("lab:reconnected", again);
  return {
    destroy() {
      gone = true;
      clearTimeout(timer);
      document.body.removeEventListener(box.dataset.event, again);
      document.body.removeEventListener("lab:reconnected", again);
    },
  };
});
