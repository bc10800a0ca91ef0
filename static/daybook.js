/* Behaviour shared by all pages: scheme, menus, keys, rows, selection, clocks, notes.
   Every page works without this file; it only adds speed. It keeps nothing about patients: the one thing stored in the
   browser is the chosen scheme. Live lists build on window.daybook (announce, isBusy, tick, trouble). */
(() => {
  "use strict";
  const doc = document;
  const root = doc.documentElement;
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const visible = (element) => element.getClientRects().length > 0;

  /* Scheme ------------------------------------------------------------------ */
  const switchTheme = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      /* Storage is closed: the choice holds for this page only. */
    }
  };

  /* Menus, editors, dialogs, panels ------------------------------------------ */
  const popovers = "details.menu[open], details.edit[open]";
  let opener = null; // what opened the side panel, to give focus back to it

  const closePopovers = (except) => {
    for (const open of all(popovers)) if (!except || !open.contains(except)) open.open = false;
  };

  const openPopover = (details) => {
    closePopovers(details);
    details.open = true;
    details.querySelector(".pop :is(input:not([type=hidden]), select, textarea, button, a)")?.focus();
  };

  const openDialog = (id) => {
    const dialog = doc.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  const openSide = () => all(".side:target, .split.open .side").find(visible);

  const closeSide = () => {
    const side = openSide();
    if (!side) return false;
    side.closest(".split")?.classList.remove("open");
    if (side.matches(":target")) location.hash = doc.getElementById("list") ? "list" : "main";
    if (opener?.isConnected) opener.focus();
    opener = null;
    return true;
  };

  /* Rows ---------------------------------------------------------------------
     A row is current while its main link, or anything else in it, has focus. */
  const rowSelector = "table.wl > tbody, [data-letters], .dcard, .decide, [data-row]";
  const currentRow = () => doc.activeElement?.closest(rowSelector) ?? null;
  const stops = () => all("[data-stop]").filter(visible);

  let lastStop = null; // where the hand was before it left the rows for a menu or a field
  const move = (step) => {
    const list = stops();
    if (!list.length) return;
    const row = currentRow();
    if (!row && list.includes(lastStop)) {
      lastStop.focus({ preventScroll: true });
      (lastStop.closest("tr, li, [data-row]") ?? lastStop).scrollIntoView({ block: "nearest" });
      return;
    }
    const here = list.findIndex((link) => row?.contains(link));
    const next = here < 0 ? 0 : Math.min(list.length - 1, Math.max(0, here + step));
    list[next].focus({ preventScroll: true });
    (list[next].closest("tr, li, [data-row]") ?? list[next]).scrollIntoView({ block: "nearest" });
  };

  const setExpanded = (link, more, open) => {
    more.hidden = !open;
    link.setAttribute("aria-expanded", String(open));
  };

  const collapseOthers = (link) => {
    for (const other of all('[data-act="expand"][aria-expanded="true"]')) {
      const more = other !== link && doc.getElementById(other.getAttribute("aria-controls"));
      if (more) setExpanded(other, more, false);
    }
  };

  // The part may be empty and name in data-load where its content comes from; it is fetched once.
  const toggleRow = (link) => {
    const more = doc.getElementById(link.getAttribute("aria-controls"));
    if (!more) return false;
    const open = link.getAttribute("aria-expanded") !== "true";
    collapseOthers(link);
    setExpanded(link, more, open);
    if (open && more.dataset.load && window.htmx) {
      const address = more.dataset.load;
      delete more.dataset.load;
      window.htmx.ajax("GET", address, { source: more, target: more, swap: "innerHTML" });
    }
    return true;
  };

  const collapseRow = () => {
    const row = currentRow();
    const link = row?.querySelector('[data-act="expand"][aria-expanded="true"]');
    if (!link) return false;
    toggleRow(link);
    (row.querySelector("[data-stop]") ?? link).focus();
    return true;
  };

  /* Selection ------------------------------------------------------------------ */
  const rowBoxes = (from) => all('.c-sel input[type="checkbox"]', from);

  const countSelection = () => {
    const boxes = rowBoxes(doc);
    const chosen = boxes.filter((box) => box.checked).length;
    for (const count of all("[data-selected-count]")) count.textContent = String(chosen);
    for (const bar of all("[data-selection]")) bar.hidden = chosen === 0;
    for (const master of all("[data-select-all]")) {
      master.checked = chosen > 0 && chosen === boxes.length;
      master.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };

  /* Keys ------------------------------------------------------------------------- */
  const typing = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])") ||
    Boolean(element.closest("dialog[open]") || element.closest("details[open] > .pop"));

  const findKey = (key, row) => {
    const same = (element) => element.dataset.key === key;
    const inRow = row ? all("[data-key]", row).filter(same) : [];
    const onPage = all("[data-key]").filter((element) => same(element) && !element.closest(rowSelector));
    const found = inRow.length ? inRow : onPage;
    return found.find(visible) ?? found[0];
  };

  const press = (element) => {
    if (element.matches("details")) openPopover(element);
    else if (element.matches(":disabled")) return;
    else {
      if (element.matches("input") && visible(element)) element.focus();
      element.click();
    }
  };

  const builtIn = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => doc.getElementById("find")?.focus(),
    "?": () => openDialog("keys"),
    x: () => currentRow()?.querySelector('.c-sel input[type="checkbox"]')?.click(),
  };

  const escape = (event) => {
    if (doc.querySelector("dialog[open]")) return; // the browser closes it and gives focus back
    const open = event.target.closest?.(popovers) ?? doc.querySelector(popovers);
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (!closeSide()) collapseRow();
  };

  const onKey = (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") return escape(event);
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const sign = event.target.closest("form")?.querySelector("[data-sign]");
      if (sign) sign.form.requestSubmit(sign);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (doc.body.dataset.singleKeys !== "on" || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const found = findKey(key, currentRow());
    if (!found && !builtIn[key]) return;
    event.preventDefault();
    if (found) press(found);
    else builtIn[key]();
  };

  /* Clocks: the forms are those of components/clock.html --------------------------- */
  const serverNow = Date.parse(doc.querySelector('meta[name="daybook-now"]')?.content ?? "");
  const offset = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();
  const two = (number) => String(number).padStart(2, "0");

  const duration = (minutes) => {
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return `${hours} h ${two(minutes % 60)}`;
    return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
  };

  const tickOne = (time, now) => {
    const passed = now - Date.parse(time.dateTime); // milliseconds since that instant, negative while it lies ahead
    if (Number.isNaN(passed)) return;
    const minutes = Math.floor(Math.abs(passed) / 60000);
    let text = duration(passed < 0 ? 0 : minutes);
    if (time.dataset.tick === "obs") text = passed < 0 ? "0:00 h" : `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
    if (time.dataset.tick === "until") {
      const late = passed > 0; // work done at the due instant itself is in time
      text = late ? `${duration(minutes)} late` : `in ${duration(minutes)}`;
      const cell = late && time.closest(".c-due, .when");
      if (cell) {
        cell.classList.remove("is-soon");
        cell.classList.add("is-late");
      }
    }
    if (time.dataset.tick === "ends") text = passed > 0 ? "now" : `in ${duration(minutes)}`;
    if (time.textContent !== text) time.textContent = text;
  };

  const tick = (from = doc) => {
    const now = Date.now() + offset;
    for (const time of all("time[data-tick]", from)) tickOne(time, now);
  };

  const tickEveryMinute = () => {
    tick();
    setTimeout(tickEveryMinute, 60000 - ((Date.now() + offset) % 60000) + 50);
  };

  /* Dates in words beside the browser's own field -------------------------------------- */
  const echoDate = (field) => {
    const place = doc.getElementById(field.dataset.echo);
    if (!place) return;
    const day = field.value && new Date(`${field.value}T12:00:00`);
    place.textContent = day
      ? `${day.toLocaleDateString("en-GB", { weekday: "short" })} ${day.getDate()} ${day.toLocaleDateString("en-US", { month: "short" })}${
          day.getFullYear() === new Date(Date.now() + offset).getFullYear() ? "" : ` ${day.getFullYear()}`}`
      : "";
  };

  /* Announcements: one polite sentence each ten seconds; of several the last one is said ------ */
  let lastSaid = -Infinity;
  let waiting = null;
  let timer = 0;
  const say = () => {
    const status = doc.getElementById("status");
    timer = 0;
    if (!status || waiting === null) return;
    status.textContent = waiting;
    waiting = null;
    lastSaid = performance.now();
  };
  const announce = (text) => {
    waiting = text;
    if (!timer) timer = setTimeout(say, Math.max(0, 10000 - (performance.now() - lastSaid)));
  };

  /* Is the hand on the list? ------------------------------------------------------------------- */
  let lastTouch = -Infinity;
  const touch = () => { lastTouch = performance.now(); };
  const isBusy = () =>
    performance.now() - lastTouch < 20000 ||
    Boolean(openSide() || doc.querySelector(`dialog[open], ${popovers}, [data-act="expand"][aria-expanded="true"]`));

  /* Failed requests: what happened, what is safe, what to do ---------------------------------------- */
  const trouble = (heading, sentence) => {
    const place = doc.getElementById("trouble");
    const form = doc.getElementById("trouble-note");
    if (!place || !form) return;
    const note = form.content.cloneNode(true);
    note.querySelector("[data-heading]").textContent = heading;
    note.querySelector("[data-sentence]").textContent = sentence;
    place.replaceChildren(note);
  };

  const spoken = (html) => {
    const page = new DOMParser().parseFromString(html ?? "", "text/html");
    return page.querySelector("[data-error]")?.textContent.trim() ?? "";
  };

  const isStream = (context) => context.sourceElement?.hasAttribute?.("hx-sse:connect");
  const reads = (context) => context.request.method.toUpperCase() === "GET";
  const keptText = "What you typed is still here. Try again in a moment.";

  const onFailure = (context) => {
    const status = context.response?.status ?? 0;
    if (isStream(context) || context.signedOut || context.hx?.redirect || status === 409 || status === 422) return;
    if (status && status < 500) {
      trouble(reads(context) ? "Not shown." : "Not saved.", spoken(context.text) || "The request was refused. Reload the page and try again.");
    } else if (reads(context)) trouble("Could not be loaded.", "What you see may be old. Nothing was changed. Try again in a moment.");
    else trouble("Not saved.", status ? `Something failed on our side. ${keptText}` : `The connection was lost. ${keptText}`);
  };

  // A form with typing in it is not thrown away for the sign-in page: the person decides when to leave.
  const onSignedOut = (context) => {
    const form = context.sourceElement?.closest?.("form");
    if (context.response?.status !== 401 || !context.hx?.redirect || !form || reads(context)) return;
    delete context.hx.redirect;
    context.signedOut = true;
    trouble("Not saved: you have been signed out.", "What you typed is still here. Copy it, then reload the page and sign in.");
  };

  /* Wiring ---------------------------------------------------------------------------------------------- */
  const deeds = {
    theme: switchTheme,
    keys: () => openDialog("keys"),
    print: () => window.print(),
    dialog: (element) => openDialog(element.dataset.dialog),
    dismiss: (element) => element.closest(".note")?.remove(),
  };

  doc.addEventListener("click", (event) => {
    const element = event.target.closest("[data-act]");
    const act = element?.dataset.act;
    if (event.target.closest('a[href^="#"]:not([data-act])')) opener = event.target.closest("a");
    if (deeds[act]) deeds[act](element);
    if (act === "expand" && !event.ctrlKey && !event.metaKey && !event.shiftKey && toggleRow(element)) event.preventDefault();
    if (act === "close-side" && closeSide()) event.preventDefault();
    closePopovers(event.target);
  });

  doc.addEventListener("change", (event) => {
    const master = event.target.closest("[data-select-all]");
    if (master) for (const box of rowBoxes(master.closest("table"))) box.checked = master.checked;
    if (master || event.target.closest(".c-sel")) countSelection();
    if (event.target.dataset.echo) echoDate(event.target);
  });

  doc.addEventListener("focusin", (event) => {
    lastStop = event.target.closest(rowSelector)?.querySelector("[data-stop]") ?? lastStop;
  });
  // Moving the focus out of a menu closes it; the focus stays where the hand has put it.
  doc.addEventListener("focusin", (event) => closePopovers(event.target));
  doc.addEventListener("keydown", onKey);
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"]) doc.addEventListener(kind, touch, { passive: true });

  // Above a form, a sentence that fits every field is told with the label of the field that it leads to.
  const nameFields = (from) => {
    for (const link of all("a[data-unnamed]", from)) {
      delete link.dataset.unnamed;
      const field = doc.getElementById(link.hash.slice(1));
      const label = field?.closest("fieldset.seg")?.querySelector("legend") ?? field?.labels?.[0];
      const words = label?.firstChild?.textContent.trim() || label?.textContent.trim();
      if (words) link.prepend(`${words}: `);
    }
  };

  const settle = (from) => {
    tick(from);
    nameFields(from);
    countSelection();
    const wanted = from.querySelector("[data-focus]");
    if (wanted) {
      delete wanted.dataset.focus;
      wanted.focus();
    }
  };

  // An exchange may take away what has the focus. The hand then gets the nearest part that is left, at last the page.
  const reachable = "[data-stop], a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary";
  let held = null;
  let trail = []; // ids of the parts around it, the innermost first
  doc.addEventListener("focusin", (event) => {
    held = event.target;
    trail = [];
    for (let part = held; part && part !== doc.body; part = part.parentElement) if (part.id) trail.push(part.id);
  });
  const regain = () => {
    const lost = !doc.activeElement || doc.activeElement === doc.body;
    if (!lost || !held || (held.isConnected && visible(held))) return;
    for (const id of trail) {
      const part = doc.getElementById(id);
      if (!part || part.id === "main" || !visible(part)) continue;
      const next = part.matches(reachable) ? part : all("[data-stop]", part).find(visible) ?? all(reachable, part).find(visible);
      if (next) return next.focus({ preventScroll: true });
    }
    doc.getElementById("main")?.focus({ preventScroll: true });
  };

  doc.addEventListener("htmx:after:swap", () => {
    settle(doc);
    setTimeout(regain); // after whatever a feature does with the focus itself
  });
  doc.addEventListener("htmx:after:request", (event) => onSignedOut(event.detail.ctx));
  doc.addEventListener("htmx:response:error", (event) => onFailure(event.detail.ctx));
  doc.addEventListener("htmx:error", (event) => onFailure(event.detail.ctx));
  // A later success takes the note away, so that it never stands beside a saved form.
  doc.addEventListener("htmx:before:swap", (event) => {
    const context = event.detail.ctx;
    if (context && !isStream(context) && context.response?.status < 400) doc.getElementById("trouble")?.replaceChildren();
  });

  window.daybook = { announce, isBusy, tick, trouble, duration };
  // Where the browser cannot show a closed group's content by style, the filters of a wide page are opened here.
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 861px)").matches)
    for (const fold of all("details.fold")) fold.open = true;
  settle(doc);
  tickEveryMinute();
})();
