/* The ledger of a unit by keyboard: arrow keys move between boxes, Home and End to the ends of a row, Enter opens one. The
   form of an avoidable day opens above the grid, which is drawn anew when it was saved; Esc leads back to the box. One box
   at a time is in the order of Tab, so that a hundred boxes are one stop. Without this file all of it are links. */
(() => {
  "use strict";
  const doc = document;
  const boxes = (row) => [...row.querySelectorAll("td")].map((cell) => cell.querySelector("a[data-box]"));
  const grids = () => [...doc.querySelectorAll("table[data-grid]")];
  const make = (grid) => {
    const all = [...grid.querySelectorAll("a[data-box]")];
    if (all.some((box) => box.tabIndex === 0 && box.dataset.roving)) return;
    all.forEach((box, place) => {
      box.tabIndex = place ? -1 : 0;
      box.dataset.roving = "";
    });
  };
  const go = (from, to) => {
    if (!to) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  // The next box in a direction; places without one are passed over.
  const beside = (box, step) => {
    const row = boxes(box.closest("tr"));
    for (let place = row.indexOf(box) + step; place >= 0 && place < row.length; place += step) {
      if (row[place]) return row[place];
    }
    return null;
  };
  const above = (box, step) => {
    const place = boxes(box.closest("tr")).indexOf(box);
    let row = box.closest("tr");
    while ((row = step < 0 ? row.previousElementSibling : row.nextElementSibling)) {
      const found = boxes(row)[place];
      if (found) return found;
    }
    return null;
  };
  const end = (box, last) => {
    const row = boxes(box.closest("tr")).filter(Boolean);
    return last ? row[row.length - 1] : row[0];
  };
  const MOVES = {
    ArrowLeft: (box) => beside(box, -1),
    ArrowRight: (box) => beside(box, 1),
    ArrowUp: (box) => above(box, -1),
    ArrowDown: (box) => above(box, 1),
    Home: (box) => end(box, false),
    End: (box) => end(box, true),
  };
  doc.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("table[data-grid] a[data-box]");
    const move = box && !event.ctrlKey && !event.metaKey && !event.altKey && MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    go(box, move(box));
  });
  doc.addEventListener("focusin", (event) => {
    const box = event.target.closest?.("table[data-grid] a[data-box]");
    if (!box || box.tabIndex === 0) return;
    for (const other of box.closest("table").querySelectorAll('a[data-box][tabindex="0"]')) other.tabIndex = -1;
    box.tabIndex = 0;
  });
  // A menu that was changed is shown at once; without this file its button does it.
  doc.addEventListener("change", (event) => {
    if (event.target.matches?.('form[action="/ledger"] select')) event.target.form.requestSubmit();
  });
  // The form of a day opens here; by itself it is a page that leads back to this one.
  let opener = "";
  const editor = () => doc.getElementById("day-editor");
  doc.addEventListener("click", (event) => {
    const box = event.target.closest?.("table[data-grid] a[data-box]");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && !event.button;
    if (!box || !plain || !window.htmx || !editor() || !box.pathname.includes("/avoidable-days/")) return;
    event.preventDefault();
    opener = box.id;
    const where = new URL(box.href);
    where.searchParams.delete("back");
    window.htmx.ajax("GET", where.pathname + where.search, { source: editor(), target: editor(), swap: "innerHTML" });
  });
  doc.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !editor()?.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    editor().replaceChildren();
    const box = doc.getElementById(opener);
    if (box) go(box, box);
  }, true);
  // What was saved in the form or in the drafts stands in the grid at once.
  const refresh = () => {
    const grid = doc.getElementById("ledger");
    if (grid) window.htmx.ajax("GET", location.pathname + location.search, { source: grid, target: grid, swap: "outerHTML" });
  };
  let sent = false;
  doc.addEventListener("submit", (event) => {
    if (event.target.closest("#day-editor, #unit-drafts")) sent = true;
  });
  doc.addEventListener("htmx:after:swap", (event) => {
    const context = event.detail?.ctx;
    if (sent && context?.request?.method === "POST") {
      sent = false;
      if (context.response?.status < 400) refresh();
    } else start();
  });
  // Where the window is narrower than the days, the latest ones are in sight first.
  const latest = (grid) => {
    const region = grid.closest(".scroll");
    const today = grid.querySelector("thead th.today");
    const beyond = today && today.getBoundingClientRect().right - region.getBoundingClientRect().right;
    if (beyond > 0 && !region.scrollLeft) region.scrollLeft = beyond;
  };
  const start = () => {
    grids().forEach(make);
    grids().forEach(latest);
    const named = doc.getElementById(location.hash.slice(1));
    if (named?.matches("a[data-box]") && doc.activeElement === doc.body) go(named, named);
  };
  if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", start);
  else start();
})();
