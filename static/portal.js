/* Small comforts of the shell; every page works without this file. */
(function () {
  "use strict";

  // A second click on «Отправить» must not send twice. The server is safe by itself; this spares the person the doubt.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("[type=submit]").forEach((button) => {
      button.setAttribute("aria-disabled", "true");
    });
  });

  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-once]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => {
        button.removeAttribute("aria-disabled");
      });
    });
  });

  // An open menu closes by Escape (the focus goes back to its name) and by a click elsewhere.
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest("details.menu[open]");
    if (menu) menu.querySelector("summary").focus();
    closeMenus();
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
  });

  // Signing out takes numbers that have not gone yet from this computer: others work at it, too.
  document.addEventListener("submit", (event) => {
    const person = event.target.dataset.leaving;
    const kept = person ? Object.keys(localStorage).filter((name) => name.startsWith("draft:" + person + ":")) : [];
    if (!kept.length) return;
    if (confirm("На этом компьютере остались числа, которые ещё не отправлены на портал. Если выйти, они будут удалены. Выйти?")) {
      kept.forEach((name) => { localStorage.removeItem(name); });
    } else event.preventDefault();
  }, true);

  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
