/* Title, language, names of tables, heads of columns, fields that are wrong. Gives sentences. */
() => {
  const found = [];
  if (!document.title.trim()) found.push("no title");
  if (document.documentElement.lang !== "en") found.push("no language");
  for (const table of document.querySelectorAll("table")) {
    if (!table.checkVisibility()) continue;
    const by = (table.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent.trim()).filter(Boolean);
    if (!(table.caption?.textContent.trim() || table.ariaLabel || by.length)) found.push(`table without a name: ${table.className} ${table.rows[0]?.textContent.trim().slice(0, 40)}`);
    for (const head of table.querySelectorAll("thead th")) if (!head.scope) found.push(`column head without scope: ${head.textContent.trim().slice(0, 30)}`);
  }
  for (const field of document.querySelectorAll("[aria-invalid=true]")) if (!field.getAttribute("aria-describedby")) found.push(`${field.name} does not say what is wrong`);
  return found;
}
