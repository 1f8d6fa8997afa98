"use strict";
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const body = head.closest("table").tBodies[0];
    const isNumber = head.classList.contains("number");
    const sorted = head.getAttribute("aria-sort");
    const up = isNumber ? sorted === "descending" : sorted !== "ascending"; // large numbers come first
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => {
      const cell = row.cells[head.cellIndex];
      return isNumber ? parseFloat(cell.dataset.key) : cell.textContent;
    };
    const compare = (a, b) => {
      if (!isNumber) return a.localeCompare(b);
      if (Number.isNaN(a) || Number.isNaN(b)) return (Number.isNaN(a) - Number.isNaN(b)) * (up ? 1 : -1);
      return a - b;
    };
    const rows = Array.from(body.rows).sort((a, b) => compare(key(a), key(b)) * (up ? 1 : -1));
    body.append(...rows);
  });
}
