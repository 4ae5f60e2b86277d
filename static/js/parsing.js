// Loaded before htmx. The Chromium inside Qt's window (140) has Document.parseHTMLUnsafe but refuses the options that
// htmx hands it, so every fragment fails; without the function htmx takes DOMParser.
try {
  Document.parseHTMLUnsafe?.("", {});
} catch {
  Document.parseHTMLUnsafe = undefined;
}
