// Joins the modules: what a page's data- attributes ask for is mounted when the page or a part of it arrives.
import { connect } from "./events.js";
import { mountAll, unmountIn, unmountGone } from "./mount.js";
import { startKeys } from "./keys.js";
import { startForms } from "./forms.js";
import { startTheme } from "./theme.js";
import "./rows.js";
import "./split.js";
import "./log.js";
import "./probe.js";
import "./traces.js";
import "./view.js";
import "./status.js";

document.addEventListener("htmx:after:process", (event) => {
  if (event.target instanceof Element) mountAll(event.target);
});

document.addEventListener("htmx:before:swap", (event) => {
  for (const task of event.detail.tasks ?? []) {
    if (task.target instanceof Element && !/^(before|after|none)/.test(task.swapSpec?.style ?? "")) unmountIn(task.target);
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  unmountGone();
  // A followed link leaves the focus nowhere: put it on what is wrong, or on the heading of the new page.
  if (event.detail.ctx?.target === document.body) {
    (document.querySelector("[aria-invalid=true]") ?? document.querySelector("h1[tabindex]"))?.focus({ preventScroll: true });
  }
});

// htmx may have looked at the page before this module was there.
mountAll(document.body);
startTheme();
startForms();
startKeys();
connect();
