/* What lies wholly beneath something that sticks to the screen while it has the focus, walking down and walking up. Gives sentences. */
() => {
  const found = new Set();
  const able = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";
  const stops = [...document.querySelectorAll(able)].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.closest("dialog:not([open]), [inert]"));
  const look = (one) => {
    one.focus();
    if (document.activeElement !== one) return;
    const boxes = [...one.getClientRects()].filter((box) => box.width && box.height);
    if (!boxes.length) return;
    const seen = boxes.some((box) => [.1, .5, .9].some((x) => [.1, .5, .9].some((y) => {
      const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      return hit && (one.contains(hit) || hit.contains(one) || one.labels && [...one.labels].some((label) => label.contains(hit)));
    })));
    if (!seen) found.add(`${one.tagName.toLowerCase()} ${(one.ariaLabel || one.textContent || one.name || "").trim().slice(0, 40)} is hidden when it has the focus`);
  };
  stops.forEach(look);
  stops.reverse().forEach(look);
  document.activeElement.blur();
  scrollTo(0, 0);
  return [...found];
}
