/* Runs before the first paint, so that a chosen scheme does not flash the other one. */
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  /* Storage is closed (private window): the system's scheme holds. */
}
document.documentElement.classList.add("script");
