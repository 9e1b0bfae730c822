/* The menu of a figure: its table goes to the clipboard as a spreadsheet takes it. Without this file the button stays away. */
(function () {
  "use strict";
  document.querySelectorAll("[data-copy-table]").forEach((button) => {
    const place = button.closest("figure, [data-figure]");
    const table = place && place.querySelector("table");
    if (!table || !navigator.clipboard) return;
    button.closest("li").hidden = false;
    button.addEventListener("click", () => {
      const lines = Array.from(table.rows, (row) => Array.from(row.cells, (cell) => cell.innerText.trim().replace(/\s+/g, " ")).join("\t"));
      const told = button.parentElement.querySelector("[role=status]");
      navigator.clipboard.writeText(lines.join("\n")).then(
        () => { told.textContent = "Скопировано. Вставьте в таблицу."; },
        () => { told.textContent = "Не скопировано: браузер не разрешил. Возьмите XLSX."; },
      );
    });
  });
})();
