/* Words that a box cuts off: they overflow a box that neither grows nor scrolls. Gives sentences. */
() => {
  const found = new Set();
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  for (const one of document.querySelectorAll("body *")) {
    if (innerWidth > 860 && one.closest(".wl .stay")) continue; // one line for each; the row in place tells it whole
    if (one.closest("svg, .sr, [aria-hidden=true], [data-short]") || !shown(one)) continue;
    const words = [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!words.length) continue;
    const rects = words.flatMap((node) => {
      const range = document.createRange();
      range.selectNode(node);
      return [...range.getClientRects()];
    });
    for (let box = one; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (box.matches(".sr, .skip")) break;
      if (["auto", "scroll"].includes(style.overflowX) || ["auto", "scroll"].includes(style.overflowY)) break;
      if (!["hidden", "clip"].includes(style.overflowX) && !["hidden", "clip"].includes(style.overflowY)) continue;
      const edge = box.getBoundingClientRect();
      if (edge.width <= 2 || edge.height <= 2 || style.clipPath.startsWith("inset(50%")) break; // meant for the ear
      for (const rect of rects) {
        if (!rect.width || !rect.height) continue;
        const across = Math.max(rect.right - edge.right, edge.left - rect.left);
        const down = Math.max(rect.bottom - edge.bottom, edge.top - rect.top) - rect.height * .3;
        if (Math.max(across, down) > 2) found.add(`${box.tagName.toLowerCase()}.${box.className} cuts ${one.textContent.trim().slice(0, 30)}`);
      }
    }
  }
  return [...found];
}
