/* What lies beside the screen, by how much, and which parts push it there. Gives sentences, none when all fits. */
() => {
  const room = document.documentElement.clientWidth;
  const beyond = document.documentElement.scrollWidth - room;
  if (beyond <= 2) return []; // what rounding adds is nothing to push
  const wide = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > room + 1);
  const first = wide.filter((one) => !wide.includes(one.parentElement)).slice(0, 3);
  const named = first.map((one) => `${one.tagName.toLowerCase()}.${one.className} ${one.textContent.trim().slice(0, 20)}`);
  return [`${beyond} px beside the screen: ${named.join("; ")}`];
}
