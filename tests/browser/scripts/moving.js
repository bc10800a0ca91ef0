/* Whatever still moves or fades although less motion was asked for. Gives sentences. */
() => {
  const found = new Set();
  for (const one of document.querySelectorAll("*"))
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(one, part);
      const takes = (text) => text.split(",").some((each) => parseFloat(each) > 0);
      if (style.animationName !== "none" && takes(style.animationDuration)) found.add(`${one.className || one.tagName} is animated`);
      if (style.transitionProperty !== "none" && takes(style.transitionDuration)) found.add(`${one.className || one.tagName} fades`);
      if (style.scrollBehavior === "smooth") found.add(`${one.className || one.tagName} scrolls smoothly`);
    }
  return [...found];
}
