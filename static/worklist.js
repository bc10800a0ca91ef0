/* A live list. The stream says which stays changed; this file asks for those rows under the view of the address, changes
   them in place without moving them, and lets a new order wait until the hand is off the list. */
(() => {
  "use strict";
  const doc = document;
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const list = () => doc.getElementById("list");
  const waiting = { moved: new Set(), fresh: new Set(), left: new Set() };
  const asked = new Set(); // stays whose rows are to be fetched
  let timer = 0;
  let running = false;
  let reloading = false;
  const MOST = 60;
  const HEADERS = { "HX-Request": "true", "HX-Request-Type": "partial" };

  /* Fetching ------------------------------------------------------------------ */
  const query = () => new URL(list().dataset.address, location.href).searchParams;

  const fetchRows = async (ids) => {
    const parameters = query();
    parameters.delete("open");
    for (const id of ids) parameters.append("id", id);
    const answer = await fetch(`${list().dataset.rows}?${parameters}`, { headers: HEADERS, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // A few changes are asked for at once. When they keep coming, a page asks every other second, and more rarely the
  // longer answers take, so that the open pages of a full house do not keep its server busy by themselves.
  const AT_ONCE = 5;
  const EVERY = 2000;
  let left = AT_ONCE;
  let every = EVERY;
  let counted = performance.now();
  const pause = () => {
    const now = performance.now();
    left = Math.min(AT_ONCE, left + (now - counted) / every);
    counted = now;
    return left >= 1 ? 30 : (1 - left) * every;
  };

  // Rows that are shown come first; the others may have come to belong to the list.
  const nextOnes = () => {
    const shown = (id) => Boolean(bodyOf(id));
    const ids = [...asked];
    return (ids.length > MOST ? [...ids.filter(shown), ...ids.filter((id) => !shown(id))] : ids).slice(0, MOST);
  };

  const run = async () => {
    timer = 0;
    if (running || !asked.size || !list()) return;
    running = true;
    left -= 1;
    const ids = nextOnes();
    for (const id of ids) asked.delete(id);
    const began = performance.now();
    try {
      apply(await fetchRows(ids));
    } catch {
      for (const id of ids) asked.add(id); // the next change, or the next connection, asks again
    } finally {
      running = false;
      every = Math.min(Math.max(EVERY, 200 * (performance.now() - began)), 10 * EVERY);
    }
    if (asked.size && !timer) timer = setTimeout(run, Math.max(400, pause()));
  };

  const ask = (ids) => {
    for (const id of ids) if (id) asked.add(id);
    if (!timer) timer = setTimeout(run, pause());
  };

  const bodyOf = (stay) => list().querySelector(`tbody[data-stay="${CSS.escape(stay)}"]`);

  /* Changing rows in place --------------------------------------------------------- */
  const focusMark = (cell) => {
    const inside = cell.contains(doc.activeElement) ? doc.activeElement : null;
    return inside && [...cell.querySelectorAll("a, button, input, summary")].indexOf(inside);
  };

  const bare = (cell) => cell.innerHTML.replace(/ aria-expanded="(true|false)"/g, "");

  const morphRow = (old, fresh) => {
    let changed = false;
    const now = [...old.cells];
    [...fresh.cells].forEach((cell, index) => {
      const there = now[index];
      if (!there || there.matches(".c-sel, .c-exp")) return;
      if (there.className === cell.className && bare(there) === bare(cell)) return;
      const place = focusMark(there);
      there.className = cell.className;
      there.innerHTML = cell.innerHTML;
      if (place !== null && place >= 0) all("a, button, input, summary", there)[place]?.focus({ preventScroll: true });
      changed = true;
    });
    if (changed) {
      old.classList.remove("changed");
      void old.offsetWidth; // starts the settling again
      old.classList.add("changed");
      window.daybook.tick(old);
    }
    return changed;
  };

  // The part below an open row is drawn anew, but never under somebody's hands: neither while it is in use, nor when a
  // form was opened there while the answer was on its way.
  const inUse = (more) =>
    !more.isConnected || more.hidden || more.contains(doc.activeElement) ||
    all("textarea, input[type=text]", more).some((field) => field.value);

  const refreshOpenPart = async (body) => {
    const more = body.querySelector("tr.more");
    if (!more || inUse(more)) return;
    const shown = more.firstElementChild;
    const address = `${list().dataset.rows}/${body.dataset.stay}/more`;
    const answer = await fetch(address, { headers: HEADERS, redirect: "error" }).catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    if (!text || inUse(more) || more.firstElementChild !== shown) return;
    more.innerHTML = text;
    window.htmx.process(more);
  };

  const applyRow = (fresh) => {
    const old = bodyOf(fresh.dataset.stay);
    const stay = fresh.dataset.stay;
    if (!old) {
      waiting.fresh.add(stay);
      return 0;
    }
    waiting.left.delete(stay);
    const row = old.querySelector("tr.stay");
    if (row.classList.contains("left")) row.classList.remove("left");
    const changed = morphRow(row, fresh.querySelector("tr.stay"));
    if (old.dataset.order !== fresh.dataset.order) {
      old.dataset.order = fresh.dataset.order;
      waiting.moved.add(stay);
    }
    if (changed) refreshOpenPart(old);
    return changed ? 1 : 0;
  };

  const applyGone = (gone) => {
    const old = bodyOf(gone.dataset.gone);
    const row = old?.querySelector("tr.stay");
    if (!row) {
      waiting.fresh.delete(gone.dataset.gone);
      return 0;
    }
    const next = row.querySelector(".c-next .do");
    if (next) next.textContent = `Left: ${gone.textContent.trim()}`;
    row.classList.add("left");
    waiting.left.add(old.dataset.stay);
    waiting.moved.delete(old.dataset.stay);
    return 1;
  };

  const apply = (answer) => {
    let changed = 0;
    for (const fresh of all("tbody[data-stay]", answer)) changed += applyRow(doc.importNode(fresh, true));
    for (const gone of all("tbody[data-gone]", answer)) changed += applyGone(gone);
    if (changed) window.daybook.announce(changed === 1 ? "One row changed." : `${changed} rows changed.`);
    showWaiting();
    filterInList();
  };

  /* The order waits --------------------------------------------------------------------- */
  const rows = (number) => (number === 1 ? "1 row" : `${number} rows`);

  const showWaiting = () => {
    const place = doc.querySelector("[data-moved-place]");
    if (!place) return;
    const parts = [];
    if (waiting.moved.size) parts.push(`${rows(waiting.moved.size)} moved`);
    if (waiting.fresh.size) parts.push(`${waiting.fresh.size} new`);
    if (waiting.left.size) parts.push(`${waiting.left.size} left`);
    if (!parts.length) {
      place.replaceChildren();
      return;
    }
    const note = doc.createElement("div");
    note.className = "note blue";
    note.dataset.moved = "";
    const text = doc.createElement("div");
    const words = doc.createElement("b");
    words.textContent = `${parts.join(", ")}. `;
    const link = doc.createElement("a");
    link.href = list().dataset.address;
    link.dataset.act = "show-order";
    link.textContent = "Show them";
    text.append(words, link, doc.createTextNode(". Your place is kept."));
    note.append(text);
    place.replaceChildren(note);
  };

  const forget = () => {
    for (const kind of Object.values(waiting)) kind.clear();
  };

  const pending = () => Object.values(waiting).some((kind) => kind.size);

  // The row under the hand, or the first one in sight: after the list is drawn anew it stands where it stood.
  const anchor = () => {
    const held = doc.activeElement?.closest?.("tbody[data-stay]") ?? lastRow;
    const top = (body) => body.getBoundingClientRect().top;
    const inSight = (body) => body.isConnected && top(body) >= 0 && top(body) < innerHeight;
    const body = held && inSight(held) ? held : all("tbody[data-stay]").find(inSight);
    return body && { id: body.id, top: top(body) };
  };

  const reopen = (openPart) => {
    const body = openPart && bodyOf(openPart.closest("tbody").dataset.stay);
    const fresh = body?.querySelector("tr.more");
    if (!fresh || !fresh.hidden) return;
    fresh.replaceWith(openPart);
    body.querySelector('[data-act="expand"]')?.setAttribute("aria-expanded", "true");
  };

  const keepPlace = () => {
    const stood = anchor();
    const openPart = list().querySelector("tr.more:not([hidden])");
    const before = new Set(all("tbody[data-stay]").map((body) => body.dataset.stay));
    const focused = doc.activeElement?.closest?.("tbody[data-stay]");
    const index = focused ? all("a, button, input, select, textarea, summary", focused).indexOf(doc.activeElement) : -1;
    const ticked = new Set(all('.c-sel input[type="checkbox"]:checked').map((box) => box.value));
    return () => {
      reopen(openPart);
      for (const body of all("tbody[data-stay]")) {
        if (!before.has(body.dataset.stay)) body.querySelector("tr.stay").classList.add("changed");
      }
      for (const box of all('.c-sel input[type="checkbox"]')) if (ticked.has(box.value)) box.checked = true;
      const again = focused && doc.getElementById(focused.id);
      if (again) all("a, button, input, select, textarea, summary", again)[index]?.focus({ preventScroll: true });
      const row = stood && doc.getElementById(stood.id);
      if (row) scrollBy({ top: row.getBoundingClientRect().top - stood.top, behavior: "instant" });
      // Whoever pressed the note, which is gone now, goes on in the list.
      if (doc.activeElement === doc.body) (row ?? list()).querySelector("[data-stop]")?.focus({ preventScroll: true });
    };
  };

  let lastRow = null; // where the focus was last, for what is done from outside of the rows
  doc.addEventListener("focusin", (event) => {
    lastRow = event.target.closest("tbody[data-stay]") ?? lastRow;
  });

  const reload = async () => {
    if (reloading || !list()) return;
    reloading = true;
    const restore = keepPlace();
    forget();
    try {
      await window.htmx.ajax("GET", list().dataset.address, { source: "#list", target: "#list", swap: "outerHTML" });
      restore();
      filterInList();
    } finally {
      reloading = false;
    }
  };

  // After twenty quiet seconds the new order is shown by itself, and again twenty seconds later at the earliest.
  let shownAt = 0;
  setInterval(() => {
    const now = performance.now();
    if (!pending() || window.daybook.isBusy() || doc.hidden || (shownAt && now - shownAt < 20000)) return;
    shownAt = now;
    reload();
  }, 2000);

  /* The stream ------------------------------------------------------------------------------ */
  const live = doc.getElementById("live");
  const setLive = (on, text) => {
    const state = doc.getElementById("live-state");
    if (!state) return;
    state.classList.toggle("off", !on);
    if (text) state.lastChild.textContent = ` ${text}`;
  };
  // The facility's own time, whatever zone the browser is in: the page says its distance from UTC.
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(doc.querySelector('meta[name="daybook-now"]')?.content ?? "") ?? ["", "+", 0, 0];
  const ahead = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60000;
  const clock = () => new Date(Date.now() + ahead).toISOString().slice(11, 16);
  let lostAt = "";

  // What changed between the drawing of the page, or the loss of the stream, and now.
  const catchUp = async () => {
    const place = list();
    if (!place) return;
    try {
      const answer = await fetch(`/worklists/changes/${place.dataset.mark}`, { headers: HEADERS, redirect: "error" });
      if (!answer.ok) return;
      const [mark, ...ids] = (await answer.text()).split(" ").filter(Boolean);
      if (ids.length < 150) {
        ask(ids);
        if (place.isConnected) place.dataset.mark = mark; // the next one asks for what comes after it
      } else if (!window.daybook.isBusy()) reload();
      else ask(all("tbody[data-stay]").map((body) => body.dataset.stay));
    } catch {
      /* The stream tells of the lost connection, and asks again when it is back. */
    }
  };

  live?.addEventListener("changed", (event) => ask((event.detail?.data ?? "").split(" ")));
  const onConnected = () => {
    if (lostAt) setLive(true, `Live ${clock()}`);
    lostAt = "";
    live.dataset.listening = "";
    catchUp();
  };
  live?.addEventListener("resync", onConnected);
  if (live?._htmx?.sse) onConnected(); // the stream was faster than this file: its first word is gone
  live?.addEventListener("feed", () => setLive(true, `Live ${clock()}`));
  live?.addEventListener("signed-out", () => window.daybook.signedOut());
  const lost = () => {
    if (!lostAt) lostAt = clock();
    setLive(false, `Not live since ${lostAt}`);
  };
  doc.addEventListener("htmx:sse:error", lost);
  doc.addEventListener("htmx:sse:close", lost);

  /* Deeds -------------------------------------------------------------------------------------- */
  const openThen = (row, selector) => {
    const more = row.querySelector("tr.more");
    const reach = () => {
      const field = more?.querySelector(selector);
      field?.focus();
      return Boolean(field);
    };
    if (more?.hidden) row.querySelector('[data-act="expand"]')?.click();
    if (reach()) return;
    const wait = new MutationObserver(() => reach() && wait.disconnect());
    wait.observe(more, { childList: true, subtree: true });
    setTimeout(() => wait.disconnect(), 5000);
  };

  // A form that takes the room of the row in place: one key opens it, Enter saves it.
  const openForm = (body, address) => {
    const more = body.querySelector("tr.more");
    const cell = doc.createElement("td");
    cell.setAttribute("role", "cell");
    cell.colSpan = body.querySelector("tr.stay").cells.length;
    delete more.dataset.deed;
    delete more.dataset.load;
    more.replaceChildren(cell);
    if (more.hidden) body.querySelector('[data-act="expand"]')?.click();
    more.dataset.deed = "";
    window.htmx.ajax("GET", address, { source: cell, target: cell, swap: "innerHTML" });
  };

  doc.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-in-place]");
    const body = link?.closest("tbody[data-stay]");
    if (!body || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openForm(body, link.getAttribute("href"));
  });

  // Where the row in place comes from is said when it is asked for: four hundred rows need not carry it.
  doc.addEventListener("click", (event) => {
    const body = event.target.closest('[data-act="expand"]')?.closest("tbody[data-stay]");
    const more = body?.querySelector("tr.more");
    if (more?.hidden && "deed" in more.dataset) {
      delete more.dataset.deed; // what a deed had shown there makes room for the row in place
      more.replaceChildren();
    }
    if (!more || more.cells.length) return;
    const view = query();
    view.delete("open");
    more.dataset.load = `${list().dataset.rows}/${body.dataset.stay}/more?${view}`;
  }, true);

  // A column's head with Shift adds its key after those in use.
  doc.addEventListener("click", (event) => {
    const head = event.shiftKey && event.target.closest("a[data-then]");
    if (!head) return;
    event.preventDefault();
    location.assign(head.dataset.then);
  });

  doc.addEventListener("click", (event) => {
    if (event.target.closest('[data-act="show-order"]')) {
      event.preventDefault();
      reload();
    }
    const button = event.target.closest("[data-row-deed]");
    const deed = button?.dataset.rowDeed;
    const row = deed && doc.activeElement?.closest("tbody[data-stay]");
    if (row && deed === "snooze") openForm(row, `/encounters/${row.dataset.stay}/snooze`);
    else if (row && deed === "go") location.assign(`/encounters/${row.dataset.stay}${button.dataset.path}`);
    else if (row && deed === "form") openForm(row, `/encounters/${row.dataset.stay}${button.dataset.path}`);
    else if (row && deed === "notice") openForm(row, `/encounters/${row.dataset.stay}/notices/new`);
    else if (row) openThen(row, deed === "note" ? 'textarea[name="text"]' : "[data-assign], [data-take]");
  });

  /* Find in this list: what is typed stays on this page ------------------------------------------ */
  const filterInList = () => {
    const words = (doc.querySelector("[data-in-list]")?.value ?? "").trim().toLowerCase().split(/\s+/).filter(Boolean);
    for (const body of all("table.wl > tbody")) {
      const text = words.length ? (body.querySelector("tr.stay")?.textContent ?? "").toLowerCase() : "";
      body.hidden = !words.every((word) => text.includes(word));
    }
  };
  doc.addEventListener("input", (event) => {
    if (event.target.matches("[data-in-list]")) filterInList();
  });
  doc.addEventListener("change", (event) => {
    if (event.target.matches("[data-in-list]")) event.stopPropagation();
    const filter = event.target.closest("[data-filter]");
    if (!filter) return;
    const count = all("input:checked", filter).length;
    filter.querySelector("[data-filter-count]").textContent = count ? ` ${count}` : "";
  }, true);
  doc.addEventListener("htmx:after:swap", () => filterInList());
})();
