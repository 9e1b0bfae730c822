/* Sums of the working sheet while somebody types. The server adds up again at every save. */
(function () {
  "use strict";
  const table = document.querySelector("[data-classes]");
  if (!table) return;

  function read(box) {
    const text = box.value.replace(/\s/g, "").replace(/[.,]0$/, "");
    return /^\d{1,7}$/.test(text) ? Number(text) : null;
  }
  function boxes(code) {
    return Array.from(table.querySelectorAll("input[data-code]")).filter((box) => !code || box.dataset.code === code);
  }
  function sum(list) {
    return list.reduce((total, box) => total + (read(box) || 0), 0);
  }
  table.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.dataset.code) return;
    const row = box.closest("tr");
    row.querySelector("[data-row-sum]").textContent = sum(Array.from(row.querySelectorAll("input[data-code]")));
    const foot = table.querySelector("[data-of='" + box.dataset.code + "']");
    const filled = boxes(box.dataset.code).filter((one) => read(one) !== null);
    foot.querySelector("[data-sum]").textContent = filled.length ? sum(filled) : "–";
    foot.querySelector("[data-filled]").textContent = filled.length;
    table.querySelector("[data-total]").textContent = sum(boxes());
  });
})();
