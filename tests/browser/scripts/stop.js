/* What the focus is on: its words, whether a ring shows it, whether something lies over it, and whether it comes later
   in the document than the stop before. */
() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const label = one.labels?.length ? [...one.labels].map((each) => each.textContent).join(" ") : "";
  const by = (one.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const said = one.ariaLabel || by.trim() || label || one.textContent || one.title || one.name || one.tagName;
  const rings = (part) => { const s = getComputedStyle(part); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1; };
  const ring = rings(one) || [...(one.labels ?? [])].some(rings) || (one.closest("label") ? rings(one.closest("label")) : false);
  const box = one.getBoundingClientRect();
  const hit = (x, y) => { const e = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return e && (one.contains(e) || e.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(e))); };
  const spots = [.1, .5, .9];
  const covered = box.width > 0 && !spots.some((x) => spots.some((y) => hit(x, y)));
  const before = window.stopBefore;
  const later = !before || !before.isConnected || before === one || Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  window.stopBefore = one;
  return { said: said.replace(/\s+/g, " ").trim(), ring, covered, later };
}
