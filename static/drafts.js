/* The list of drafts, kept current: when a stay changes, the list is asked for again and morphed in place, but never under
   somebody's hands: while a form is open, boxes are ticked or a menu is open it waits and says so. */
(() => {
  "use strict";
  const doc = document;
  const WAIT = 600;
  let timer = 0;
  let connected = false;

  const busy = (list) =>
    Boolean(list.querySelector("details[open], input:checked, form :is(input:not([type=hidden], [type=checkbox]), textarea):focus, [id^='edit-'] form"));

  const refresh = () => {
    timer = 0;
    const list = doc.getElementById("draft-list");
    if (!list) return;
    if (busy(list)) window.daybook?.announce("The drafts changed. The list shows it when your form is closed.");
    else window.htmx.ajax("GET", list.dataset.live, { source: list, target: list, select: "#draft-list", swap: "outerMorph" });
  };

  // Several messages of one moment are one refresh.
  const later = () => {
    if (!timer) timer = setTimeout(refresh, WAIT);
  };

  doc.addEventListener("changed", later);
  // The first resync of a page says nothing new; one after a lost connection may hide a change.
  doc.addEventListener("resync", () => {
    if (connected) later();
    connected = true;
    doc.getElementById("stream").dataset.listening = "";
  });
  doc.addEventListener("signed-out", () => window.daybook.signedOut());
})();
