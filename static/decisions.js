/* Cards that wait for an answer, kept current: when a stay changes, agenda and cards are asked for again and morphed in
   place. Nothing is touched while somebody is answering; the agenda alone is brought up to date then. */
(() => {
  "use strict";
  const doc = document;
  const WAIT = 400;
  let timer = 0;
  let connected = false;

  const answering = (board) =>
    Boolean(board.querySelector("form.decide :checked, details[open], select:focus")) ||
    [...board.querySelectorAll("textarea")].some((field) => field.value.trim());

  const refresh = () => {
    timer = 0;
    const board = doc.getElementById("board");
    if (!board) return;
    if (!answering(board)) {
      window.htmx.ajax("GET", "/decisions", { source: board, target: board, swap: "outerMorph" });
      return;
    }
    const agenda = doc.getElementById("agenda");
    window.htmx.ajax("GET", "/decisions", { source: agenda, target: agenda, select: "#agenda", swap: "outerMorph" });
    window.daybook?.announce("Something changed. The cards show it when your answer is signed.");
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
