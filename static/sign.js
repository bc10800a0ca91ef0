/* Signing on the screen: what pen, finger or mouse draws in a field of 600 by 200 becomes the path of a picture, and is
   sent with its form as text. Everything else about a delivery works without this file. */
(() => {
  "use strict";
  const doc = document;
  const LONGEST = 60000; // characters; the server takes no more
  let pen = null; // { picture, path, field } while something is drawn

  const place = (event, picture) => {
    const box = picture.getBoundingClientRect();
    const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)));
    const x = within(((event.clientX - box.left) / box.width) * 600, 600);
    const y = within(((event.clientY - box.top) / box.height) * 200, 200);
    return `${x} ${y}`;
  };

  const add = (text) => {
    const drawn = pen.field.value + text;
    if (drawn.length > LONGEST) return;
    pen.field.value = drawn;
    pen.path.setAttribute("d", drawn);
  };

  doc.addEventListener("pointerdown", (event) => {
    const picture = event.target.closest?.("svg[data-sign]");
    if (!picture || event.button !== 0) return;
    event.preventDefault();
    pen = { picture, path: picture.querySelector("path"), field: doc.getElementById(picture.dataset.sign) };
    picture.setPointerCapture(event.pointerId);
    const start = place(event, picture);
    add(`M${start}L${start}`); // a mere dot is a mark too
  });
  doc.addEventListener("pointermove", (event) => {
    if (pen) add(`L${place(event, pen.picture)}`);
  });
  for (const kind of ["pointerup", "pointercancel"]) doc.addEventListener(kind, () => { pen = null; });

  doc.addEventListener("click", (event) => {
    const field = doc.getElementById(event.target.closest("[data-sign-clear]")?.dataset.signClear ?? "");
    if (!field) return;
    field.value = "";
    doc.querySelector(`[data-sign="${CSS.escape(field.id)}"] path`).setAttribute("d", "");
  });
})();
