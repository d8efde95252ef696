// What pages cannot do by themselves; every page works without it.
"use strict";

// A form with data-confirm asks first; one that is on its way is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") {
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-disabled", "true");
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});

// Back to a page that was left by a form: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// A choice that takes effect at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// What a cell is called is shown to who points at it too.
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest("[data-grid] a[aria-label]");
  if (cell && !cell.title) cell.title = cell.getAttribute("aria-label");
});

// In a grid of links the arrow keys go from cell to cell, as they look, also where the page runs from right to left.
document.addEventListener("keydown", (event) => {
  const grid = event.target.closest("table[data-grid]");
  const cell = event.target.closest("td, th");
  if (!grid || !cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const ahead = getComputedStyle(grid).direction === "rtl" ? -1 : 1;
  const steps = { ArrowLeft: [0, -ahead], ArrowRight: [0, ahead], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  if (!step) return;
  let row = cell.parentElement.rowIndex;
  let column = cell.cellIndex;
  while (true) {
    row += step[0];
    column += step[1];
    const next = grid.rows[row]?.cells[column];
    if (!next) return;
    const link = next.querySelector("a");
    if (link) {
      event.preventDefault();
      link.focus();
      return;
    }
  }
});
