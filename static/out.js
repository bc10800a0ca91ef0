/* A list that goes to a printer is recorded, however printing was asked for. */
(() => {
  "use strict";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["x-csrftoken"] || "";

  addEventListener("beforeprint", () => {
    const place = document.getElementById("take-out");
    if (!place) return;
    fetch(place.dataset.prints, { method: "POST", keepalive: true, headers: { "x-csrftoken": token() } })
      .then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); })
      .catch(() => {
        const status = document.getElementById("status");
        if (status) status.textContent = "The print could not be recorded. Reload the page and print again.";
      });
  });
})();
