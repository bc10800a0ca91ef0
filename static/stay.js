/* Live updates of the pages about one stay: when the stay changes, its banner and the part in view are asked for again and
   morphed in place, so that focus, scrolling and open parts stay where they are. Without this file the pages are complete. */
(() => {
  "use strict";
  const doc = document;
  const typing = (part) => Boolean(part.querySelector("details[open] form, form :is(input:not([type=hidden]), textarea):focus"));
  let waiting = 0;
  let connected = false;

  const refresh = () => {
    waiting = 0;
    let left = false;
    for (const part of doc.querySelectorAll("main [data-live]")) {
      if (typing(part)) left = true;
      else window.htmx.ajax("GET", part.dataset.live, { source: part, target: part, swap: "outerMorph" });
    }
    if (left) window.daybook?.announce("This stay changed. The page shows it when your form is closed.");
  };

  // Several messages of one moment are one refresh.
  const later = () => {
    if (!waiting) waiting = setTimeout(refresh, 150);
  };

  const shown = () => doc.querySelector("[data-stay]")?.dataset.stay ?? "";

  doc.addEventListener("changed", (event) => {
    if ((event.detail?.data ?? "").split(" ").includes(shown())) later();
  });
  // The first resync of a page says nothing new; one after a lost connection may hide a change.
  doc.addEventListener("resync", () => {
    if (connected) later();
    connected = true;
    const stream = doc.getElementById("stream");
    if (stream) stream.dataset.listening = "";
  });
  doc.addEventListener("signed-out", () => window.daybook.signedOut());
})();
