// The one event stream of a window. Each message becomes DOM events on the body, which htmx triggers listen to:
// lab:job and lab:job-7 when job 7 changed, lab:reconnected when something may have been missed.
import { whenever } from "./mount.js";

const RETRY_MS = 3000;
const WORDS = {
  connecting: "Connecting to the program",
  open: "Connected to the program",
  lost: "The program does not answer; it may have been closed",
};
let state = "connecting";
let wasLost = false;

/**
 * The names of the DOM events for a message.
 * @param {{event: string, data: Record<string, any>}} message
 */
export function eventNames(message) {
  const names = [`lab:${message.event}`];
  const id = message.data.id ?? message.data.job;
  if (id !== undefined) names.push(`lab:${message.event}-${id}`);
  for (const noun of ["recording", "sorting"]) {
    const of = message.data[noun] ?? message.data[`${noun}_id`];
    if (of !== undefined && of !== null) names.push(`lab:${noun}-${of}`);
  }
  return names;
}

/** Open the stream and keep it open for the life of the window. */
export function connect() {
  const source = new EventSource("/events");
  source.onmessage = (event) => receive(JSON.parse(event.data));
  source.onerror = () => {
    wasLost = true;
    show("lost");
    // the browser retries by itself, but not after an answer that was no stream
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  };
  addEventListener("pagehide", () => source.close(), { once: true });
}

/** @param {{event: string, data: Record<string, any>}} message */
function receive(message) {
  if (message.event === "hello") {
    show("open");
    if (wasLost) tell("lab:reconnected", {});
    wasLost = false;
    return;
  }
  for (const name of eventNames(message)) tell(name, message.data);
}

function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}

function show(next) {
  state = next;
  document.querySelectorAll("[data-connection]").forEach(draw);
}

/** @param {HTMLElement} element */
function draw(element) {
  element.title = WORDS[state];
  element.querySelector(".dot").dataset.state = state;
  element.querySelector(".visually-hidden").textContent = WORDS[state];
}

whenever("[data-connection]", draw);
