/* A section of the form saves each cell by itself. Without this file the same page is a plain form.
   A value leaves the browser's queue only when the server's answer echoes its code and the version it made. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-cells]");
  if (!form) return;

  const url = form.dataset.cells;
  const person = form.dataset.person;
  const store = "draft:" + person + ":" + form.dataset.form;
  const banner = document.getElementById("entry-banner");
  const live = document.getElementById("entry-live");
  const status = document.getElementById("entry-status");
  let token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let queue = read();
  let busy = false;
  let stopped = false;
  let pause = 1000;
  let timer = 0;
  let saved = 0;
  const elsewhere = []; // what another section refused; the banner keeps saying it

  function read() {
    try { return JSON.parse(localStorage.getItem(store)) || {}; } catch (error) { return {}; }
  }
  function write() {
    try {
      if (Object.keys(queue).length) localStorage.setItem(store, JSON.stringify(queue));
      else localStorage.removeItem(store);
    } catch (error) { /* a full or forbidden storage: the queue still lives in the page */ }
  }
  function field(kind, code) { return document.getElementById(kind + "-" + code); }
  function rowOf(code) { return field("value", code).closest("tr"); }
  function codeOf(element) { const row = element.closest("tr[data-code]"); return row ? row.dataset.code : ""; }
  function versionOf(code) { return form.elements["version-" + code]; }

  function typed(code) {
    const none = field("no-data", code);
    return { value: field("value", code).value, no_data: Boolean(none && none.checked), reason: field("reason", code) ? field("reason", code).value : "" };
  }
  function put(code) {
    const entry = typed(code);
    if (entry.no_data && !entry.value && !entry.reason.trim()) { field("reason", code).focus(); return; }
    queue[code] = Object.assign(entry, { version: Number(versionOf(code).value) });
    write();
    say(code, "waiting", "Сохраняется…");
    send();
  }

  function say(code, state, words) {
    const place = field("saved", code);
    const row = rowOf(code);
    row.classList.toggle("is-waiting", state === "waiting");
    row.classList.toggle("is-saved", state === "saved");
    place.textContent = words;
  }
  function tell(words, link) {
    banner.hidden = !words;
    banner.querySelector("p").textContent = words || "";
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link.url; anchor.target = "_blank"; anchor.rel = "noopener"; anchor.textContent = link.text;
    banner.querySelector("p").append(" ", anchor);
  }
  function announce() {
    if (announce.timer) return;
    announce.timer = setTimeout(function () {
      live.textContent = saved ? "Сохранено значений: " + saved + "." : "";
      saved = 0; announce.timer = 0;
    }, 5000);
  }

  function send() {
    if (busy || stopped) return;
    const code = Object.keys(queue)[0];
    if (!code) { if (!elsewhere.length) tell(""); return; }
    if (!document.getElementById("value-" + code)) { skip(code); return; }
    busy = true;
    const sent = JSON.stringify(queue[code]);
    const limit = new AbortController();
    const alarm = setTimeout(function () { limit.abort(); }, 8000);
    fetch(url + code + "/", {
      method: "PUT", body: sent, credentials: "same-origin", signal: limit.signal,
      headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token },
    }).then(function (response) {
      const data = (response.headers.get("Content-Type") || "").indexOf("json") > 0 ? response.json() : Promise.resolve(null);
      return data.then(function (body) { receive(code, sent, response.status, body); });
    }).catch(function () { lost(); }).finally(function () {
      clearTimeout(alarm);
      busy = false;
      if (!timer) send();
    });
  }
  // A cell of another section, typed before its tab was closed: it is sent all the same.
  function skip(code) {
    const sent = JSON.stringify(queue[code]);
    busy = true;
    fetch(url + code + "/", {
      method: "PUT", body: sent, credentials: "same-origin",
      headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token },
    }).then(function (response) {
      if (response.ok) { drop(code, sent); return; }
      if (response.status === 409 || response.status === 422) {
        drop(code, sent);
        elsewhere.push(JSON.parse(sent).value || "пусто");
        tell("Из другого раздела не сохранено: " + elsewhere.join("; ") + ". Откройте разделы формы и проверьте эти строки.");
        return;
      }
      stop("Часть введённого в других разделах ещё не отправлена. Она сохранена на этом компьютере.");
    }).catch(function () { lost(); }).finally(function () { busy = false; if (!timer) send(); });
  }

  function drop(code, sent) {
    if (JSON.stringify(queue[code]) === sent) delete queue[code];
    write();
  }
  function receive(code, sent, code_of_answer, body) {
    const version = JSON.parse(sent).version;
    if (code_of_answer === 200 && body && body.code === code && body.version >= version) {
      pause = 1000;
      versionOf(code).value = body.version;
      if (queue[code] && JSON.stringify(queue[code]) !== sent) queue[code].version = body.version;
      drop(code, sent);
      paint(body);
      say(code, "saved", "Сохранено");
      saved += 1; announce();
      if (!Object.keys(queue).length) { if (!elsewhere.length) tell(""); status.textContent = "Сохранено в " + body.at; }
      return;
    }
    if (code_of_answer === 409 && body) { conflict(code, sent, body); return; }
    if (code_of_answer === 422 && body) { drop(code, sent); field("value", code).setAttribute("aria-invalid", "true"); say(code, "", body.error); rowOf(code).classList.add("is-error"); return; }
    if (code_of_answer === 401) { stop("Сеанс завершён. Введённые числа сохранены на этом компьютере.", { url: form.dataset.login, text: "Войти снова" }); return; }
    if (code_of_answer === 423 || code_of_answer === 403 || code_of_answer === 404) {
      stop((body && body.error ? body.error : "Форма закрыта для изменений.") + " Не приняты: " + list() + ".");
      return;
    }
    lost();
  }
  function list() {
    return Object.keys(queue).map(function (code) {
      const label = document.querySelector("label[for='value-" + code + "']");
      return (label ? label.textContent.trim() : code) + " – " + (queue[code].no_data ? "нет данных" : queue[code].value || "пусто");
    }).join("; ");
  }
  function stop(words, link) { stopped = true; tell(words, link); }
  function lost() {
    Object.keys(queue).forEach(function (code) { if (field("value", code)) say(code, "waiting", "Не отправлено"); });
    tell("Нет связи с сервером. Введённые числа сохранены на этом компьютере и уйдут сами.");
    clearTimeout(timer);
    timer = setTimeout(function () { timer = 0; send(); }, pause);
    pause = Math.min(pause * 2, 30000);
  }
  function paint(body) {
    body.rows.forEach(function (row) {
      const element = document.querySelector("tr[data-code='" + row.code + "']");
      if (!element) return;
      element.classList.toggle("is-error", row.css === "is-error");
      element.classList.toggle("is-warning", row.css === "is-warning");
      field("findings", row.code).innerHTML = row.findings; // drawn by the server's own template, which escapes
      field("change", row.code).textContent = row.change;
    });
    const box = field("value", body.code);
    box.removeAttribute("aria-invalid");
    if (document.activeElement !== box && box.value !== body.shown) box.value = body.shown;
    box.dataset.saved = body.shown;
  }
  function conflict(code, sent, body) {
    drop(code, sent);
    versionOf(code).value = body.version;
    say(code, "", body.error + " ");
    rowOf(code).classList.add("is-error");
    [["Оставить моё", function () { put(code); }],
      ["Взять " + body.answer, function () { field("value", code).value = body.shown; const none = field("no-data", code); if (none) none.checked = body.no_data; say(code, "saved", "Взято значение " + body.answer); rowOf(code).classList.remove("is-error"); }],
    ].forEach(function (choice) {
      const button = document.createElement("button");
      button.type = "button"; button.className = "btn btn-sm btn-outline-primary"; button.textContent = choice[0];
      button.addEventListener("click", choice[1]);
      field("saved", code).append(button, " ");
    });
  }

  // After signing in again in another tab: a new token, and only if it is the same person.
  function resume() {
    if (!stopped || !form.dataset.token) return;
    fetch(form.dataset.token, { credentials: "same-origin", headers: { "Accept": "application/json" } }).then(function (response) {
      return response.ok ? response.json() : null;
    }).then(function (body) {
      if (!body) return;
      if (body.person !== person) { tell("В другой вкладке вошёл другой сотрудник. Числа этой страницы отправит только тот, кто их ввёл."); return; }
      token = body.token; form.querySelector("[name=csrfmiddlewaretoken]").value = token;
      stopped = false; tell(""); send();
    }).catch(function () { /* asked again at the next focus */ });
  }

  const boxes = Array.prototype.slice.call(form.querySelectorAll("[name^=value-]"));
  // A press on a button sends the whole form, the last typed cell with it: saving that cell alone in between would move the
  // button away from under the pointer. If the press comes to nothing, the cell saves itself after all.
  let pressing = false;
  let held = "";
  let leaving = false;
  form.addEventListener("pointerdown", function (event) { pressing = Boolean(event.target.closest("[type=submit]")); });
  window.addEventListener("pointerup", function () {
    pressing = false;
    setTimeout(function () { if (held && !leaving) put(held); held = ""; }, 100);
  });
  form.addEventListener("change", function (event) {
    const code = codeOf(event.target);
    if (code && pressing) held = code; else if (code) put(code);
  });
  form.addEventListener("focusin", function (event) { if (event.target.matches("input[name^=value-]")) event.target.select(); });
  form.addEventListener("keydown", function (event) {
    const place = boxes.indexOf(event.target);
    if (event.altKey && event.code === "KeyS") { event.preventDefault(); form.querySelector("[name=next], [name=save]").click(); return; }
    if (place < 0) return;
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      const panel = rowOf(codeOf(event.target)).querySelector("details");
      panel.open = true; panel.querySelector("input").focus();
    } else if (event.key === "Escape" && event.target.dataset.saved !== undefined) {
      event.target.value = event.target.dataset.saved;
    } else if (step && !(event.target.matches("select") && event.key !== "Enter")) {
      event.preventDefault();
      const next = boxes[place + step];
      if (next) next.focus(); else event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  form.addEventListener("submit", function () { leaving = true; window.removeEventListener("beforeunload", warn); });
  function warn(event) { if (Object.keys(queue).length) { event.preventDefault(); event.returnValue = ""; } }
  window.addEventListener("beforeunload", warn);
  window.addEventListener("online", function () { clearTimeout(timer); timer = 0; pause = 1000; send(); });
  window.addEventListener("focus", resume);

  boxes.forEach(function (box) { box.dataset.saved = box.value; });
  Object.keys(queue).forEach(function (code) { // what a closed tab or a lost connection left behind
    const box = field("value", code);
    if (box) { box.value = queue[code].value; say(code, "waiting", "Не отправлено"); }
  });
  send();
})();
