/* The session: typing is use of it, so it does not end under somebody's hands; some minutes before it ends the page says
   so; and when it has ended all the same, nothing that was typed is thrown away for the sign-in page. */
(() => {
  "use strict";
  const doc = document;
  const idle = Number(doc.body.dataset.idleMinutes ?? 0) * 60000; // milliseconds, as everywhere here; 0: nobody is signed in
  const TOUCH_EVERY = Math.min(5 * 60000, idle / 3);
  const WARN_BEFORE = Math.min(5 * 60000, idle / 2);
  const ASK_AGAIN = 30000; // another window may have used the session meanwhile
  const place = doc.getElementById("session-end");
  let touched = performance.now();
  let ended = false;
  let timer = 0;
  let before = null; // what had the focus before the note

  const ask = (address) => fetch(address, { credentials: "same-origin", cache: "no-store", headers: { "hx-request": "true" } });
  const isTyped = (field) => field.checkVisibility() && field.value !== field.defaultValue;
  const fields = "main textarea, main input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
  // What a form was sent back with is not typing to the browser, though a person has typed it.
  const holdsTyping = () => [...doc.querySelectorAll(fields)].some(isTyped) || Boolean(doc.querySelector("main [aria-invalid=true]"));

  const hide = () => {
    const back = place.contains(doc.activeElement) ? before : null;
    place.replaceChildren();
    if (back) (back.isConnected ? back : doc.getElementById("main")).focus();
  };

  const show = (session) => {
    const said = `${session.at} ${session.kind}`;
    if (place.dataset.said === said && place.firstElementChild) return; // else it would be read aloud again
    const note = doc.getElementById("session-note").content.cloneNode(true);
    note.querySelector("[data-at]").textContent = session.at;
    for (const part of note.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== session.kind;
    place.dataset.said = said;
    place.replaceChildren(note);
  };

  window.daybook.signedOut = () => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    hide();
    if (!holdsTyping()) doc.location.reload();
    else lost();
  };
  const lost = () => window.daybook.trouble("You have been signed out.", "What you typed is still here. Copy it, then reload the page and sign in.");

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  };
  const look = async () => {
    if (ended) return;
    try {
      const answer = await ask("/session-end");
      if (answer.status === 401) return window.daybook.signedOut();
      if (!answer.ok) return later(ASK_AGAIN);
      const session = await answer.json();
      const left = session.seconds * 1000;
      if (left > WARN_BEFORE) hide();
      else show(session);
      later(left > WARN_BEFORE ? left - WARN_BEFORE + 1000 : Math.min(ASK_AGAIN, left + 1000));
    } catch {
      later(ASK_AGAIN); // the next answer says how it stands
    }
  };

  const stay = async () => {
    touched = performance.now();
    const answer = await ask("/still-here").catch(() => null); // the next saving says what is wrong
    if (answer?.status === 401) window.daybook.signedOut();
    if (answer?.ok) await look();
    return Boolean(answer?.ok) && !ended;
  };
  const onTyping = () => {
    if (ended || !idle) return;
    if (place.firstElementChild || performance.now() - touched >= TOUCH_EVERY) stay();
  };
  const onStay = async () => {
    if (await stay()) window.daybook.announce("You stay signed in.");
    else if (!ended) window.daybook.trouble("Not yet.", "The connection was lost. Try again in a moment.");
  };

  doc.addEventListener("input", onTyping);
  doc.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) onStay();
  });
  place.addEventListener("focusin", (event) => {
    if (!place.contains(event.relatedTarget)) before = event.relatedTarget ?? doc.getElementById("main");
  });
  // Sending a form to a session that is over would lead to the sign-in page and leave the typing behind.
  doc.addEventListener("submit", (event) => {
    if (!ended) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    lost();
  }, true);
  if (idle) {
    later(idle - WARN_BEFORE);
    doc.addEventListener("visibilitychange", () => {
      if (!doc.hidden) look(); // a computer that slept has missed its timers
    });
  }
})();
