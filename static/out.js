/* A list that goes to a printer says when, and is recorded, however printing was asked for. */
(() => {
  "use strict";
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (number) => String(number).padStart(2, "0");
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["x-csrftoken"] || "";

  /* By the facility's clocks: the page says what they showed when it was made. */
  const time = () => {
    const said = document.querySelector('meta[name="daybook-now"]')?.content.match(/^(.{19})/);
    if (!said) return "";
    const wall = new Date(Date.parse(`${said[1]}Z`) + performance.now());
    const day = `${DAYS[wall.getUTCDay()]} ${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`;
    return `${day} ${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}`;
  };

  addEventListener("beforeprint", () => {
    const place = document.getElementById("take-out");
    if (!place) return;
    for (const mark of document.querySelectorAll("[data-print-time]")) mark.textContent = time() || mark.textContent;
    fetch(place.dataset.prints, { method: "POST", keepalive: true, headers: { "x-csrftoken": token() } })
      .then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); })
      .catch(() => {
        const status = document.getElementById("status");
        if (status) status.textContent = "The print could not be recorded. Reload the page and print again.";
      });
  });
})();
