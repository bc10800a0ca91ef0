/* The board of a unit. Forms open under their bed and close by themselves when they were carried out; when a stay changes
   the beds are asked for again and morphed in place, but never while a form is open. Without this file every link of the
   board leads to a whole page. */
(() => {
  "use strict";
  const doc = document;
  const WAIT = 400;
  let timer = 0;
  let missed = false;
  let connected = false;

  const board = () => doc.getElementById("board-live");
  const open = () => board()?.querySelector("tr.more:not([hidden])");
  const home = (row) => row?.closest("tbody")?.querySelector("[data-stop]");

  const fetchBoard = async () => {
    const answer = await fetch(board().dataset.board, { headers: { "HX-Request": "true" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board-live");
  };

  // While something stands below a bed, lines and figures change around it and nothing moves.
  const renewLines = (fresh) => {
    for (const body of fresh.querySelectorAll("tbody[data-stay]")) {
      const line = body.rows[0];
      const old = board().querySelector(`tbody[data-stay="${CSS.escape(body.dataset.stay)}"]`)?.rows[0];
      if (old && !old.contains(doc.activeElement) && old.outerHTML !== line.outerHTML) old.replaceWith(line);
    }
    board().querySelector(".stat")?.replaceWith(fresh.querySelector(".stat"));
  };

  const refresh = async () => {
    timer = 0;
    if (!board()) return;
    missed = Boolean(open());
    if (missed) {
      try {
        renewLines(await fetchBoard());
      } catch {
        later(); // the next try brings it
      }
      return;
    }
    const stay = doc.activeElement?.closest("tbody[data-stay]")?.dataset.stay;
    await window.htmx.ajax("GET", board().dataset.board, { source: board(), target: board(), swap: "outerMorph" });
    if (stay && !doc.activeElement?.closest("tbody[data-stay]")) {
      board().querySelector(`tbody[data-stay="${CSS.escape(stay)}"] [data-stop]`)?.focus({ preventScroll: true });
    }
  };

  // Several messages of one moment are one refresh.
  const later = () => {
    if (!timer) timer = setTimeout(refresh, WAIT);
  };

  const close = (row) => {
    const within = row.contains(doc.activeElement) || doc.activeElement === doc.body;
    row.hidden = true;
    row.cells[0].replaceChildren();
    if (within) home(row)?.focus();
    if (missed) later();
  };

  const openForm = (link) => {
    const row = link.closest("tbody").querySelector("tr.more");
    const before = open();
    if (before && before !== row) close(before);
    row.hidden = false;
    const cell = row.cells[0];
    window.htmx.ajax("GET", link.getAttribute("href"), { source: cell, target: cell, swap: "innerHTML" });
  };

  doc.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-board-form]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openForm(link);
  });

  doc.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-board-look]");
    if (!form) return;
    event.preventDefault();
    const row = form.closest("tbody").querySelector("tr.more");
    const cell = row.cells[0];
    row.hidden = false;
    window.htmx.ajax("POST", form.getAttribute("action"), { source: cell, target: cell, swap: "innerHTML" });
  });

  doc.addEventListener("keydown", (event) => {
    const row = open();
    if (event.key === "Escape" && row) {
      close(row);
      return;
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const stops = [...(board()?.querySelectorAll("[data-stop]") ?? [])];
    const here = stops.findIndex((stop) => stop.closest("tbody").contains(doc.activeElement));
    if (here < 0 || doc.activeElement.matches("input, select, textarea")) return;
    const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // What was done is said in the row; moving on to another bed closes it.
  doc.addEventListener("focusin", (event) => {
    const row = open();
    if (row && row.querySelector("[role=status]") && !row.closest("tbody").contains(event.target)) close(row);
  });

  doc.addEventListener("changed", later);
  // The first resync of a page says nothing new; one after a lost connection may hide a change.
  doc.addEventListener("resync", () => {
    if (connected) later();
    connected = true;
    const stream = doc.getElementById("stream");
    if (stream) stream.dataset.listening = "";
  });
  doc.addEventListener("signed-out", () => window.daybook.signedOut());
})();
