/* Writing a review: letters press the points while the focus is among them, "Add" takes a change into the summary.
   The form works without this file; the draft keeps itself by htmx. */
(() => {
  "use strict";
  const doc = document;

  const isField = (element) =>
    element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])") || element.isContentEditable;

  // Before the keys of the page: here a letter is a point.
  doc.addEventListener("keydown", (event) => {
    const points = event.target.closest?.("[data-letters]");
    if (!points || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || isField(event.target)) return;
    const box = points.querySelector(`[data-letter="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!box) return;
    event.preventDefault();
    const fold = box.closest("details");
    if (fold) fold.open = true;
    box.focus({ preventScroll: false });
    box.click();
  }, true);

  doc.addEventListener("click", (event) => {
    const sentence = event.target.closest("[data-add]")?.dataset.add;
    const summary = doc.querySelector("[data-summary]");
    if (!sentence || !summary) return;
    summary.value = summary.value ? `${summary.value.trimEnd()} ${sentence}` : sentence;
    summary.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
