// Tables sort by the column whose heading is pressed: upwards, then downwards. Numbers are compared
// by the value they carry and not by the text that is shown; what has none comes last either way.
// Rows that are equal keep their order.
"use strict";

for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(table, headings, column));
    heading.replaceChildren(button);
  });
}

function sort(table, headings, column) {
  const heading = headings[column];
  const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  headings.forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const compare = heading.classList.contains("number") ? compareNumbers : compareTexts;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  rows.sort((a, b) => compare(a.cells[column], b.cells[column], sign));
  body.append(...rows);
}

function compareNumbers(a, b, sign) {
  const unknown = (a.dataset.value === undefined) - (b.dataset.value === undefined);
  return unknown || sign * (a.dataset.value - b.dataset.value) || 0;
}

function compareTexts(a, b, sign) {
  return sign * a.textContent.localeCompare(b.textContent, "en", { numeric: true });
}
