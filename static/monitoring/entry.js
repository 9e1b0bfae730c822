/* A section of the form: each cell saves itself, a column can be pasted, totals and details stand beside. The page works without it. */

// ---- Read or typed into: totals, shares, the details of a row ----
(function () {
  "use strict";

  // The same reading and the same writing as on the server: portal/formats.py rounds half-up, in whole numbers.
  function read(text) {
    const bare = text.replace(/\s+/g, "");
    const whole = /^([0-9]{1,7})(?:[.,]0)?$/.exec(bare);
    return whole ? Number(whole[1]) : null;
  }
  function written(n) {
    return n < 10000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  }
  function divided(a, b) { return (a - a % b) / b; }
  function fraction(above, below) {
    if (above === null || !below) return "…";
    const counts = written(above) + " из " + written(below);
    if (below < 10) return counts;
    const tenths = divided(above * 2000 + below, 2 * below);
    return counts + " (" + written(divided(tenths, 10)) + "," + (tenths % 10) + "\u00a0%)";
  }
  function sum(codes, rest) {
    if (rest === "") return null;
    let total = Number(rest);
    for (const code of codes.split(" ").filter(Boolean)) {
      const box = document.getElementById("value-" + code);
      const number = box && "value" in box ? read(box.value) : null;
      if (number === null) return null;
      total += number;
    }
    return total;
  }
  function count() {
    document.querySelectorAll("[data-sum]").forEach((place) => {
      const total = sum(place.dataset.sum, "0");
      place.textContent = total === null ? "…" : written(total);
    });
    document.querySelectorAll("[data-above]").forEach((place) => {
      const data = place.dataset;
      place.textContent = fraction(sum(data.above, data.aboveRest), sum(data.below, data.belowRest));
    });
  }
  document.addEventListener("input", count);
  document.addEventListener("counted", count); // cells that the script itself has filled

  // The details of a row: htmx brings them, the dialog shows them and gives the focus back when it closes.
  const panel = document.getElementById("panel");
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest(".row-menu")) opener = event.target;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A refused form comes back with its words.
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "panel-body") return;
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    const told = panel.querySelector("[data-focus]");
    if (told) told.focus();
  });
  ["htmx:responseError", "htmx:sendError"].forEach((name) => {
    document.addEventListener(name, (event) => {
      const link = event.target.closest(".row-menu a");
      if (link) location.assign(link.href); // the page itself says what is wrong, or leads to the sign-in
      else if (panel.contains(event.target)) document.getElementById("panel-body").prepend("Не сохранено: нет ответа сервера. Повторите позже. ");
    });
  });
  panel.addEventListener("close", () => { if (opener) opener.focus(); });
})();

// ---- Typed into: a value leaves the browser's queue only when the answer echoes its code and the version it made ----
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
  const LOST = "Нет связи с сервером. Введённые числа сохранены на этом компьютере и уйдут сами.";
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
  function call(method, address, body) {
    const headers = { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token };
    const limit = new AbortController();
    setTimeout(() => { limit.abort(); }, 8000);
    return fetch(address, { method, body, headers, signal: limit.signal });
  }
  function field(kind, code) { return document.getElementById(kind + "-" + code); }
  function rowOf(code) { return field("value", code).closest("tr"); }
  function labelOf(code) {
    return document.querySelector("label[for='value-" + code + "']")?.textContent.trim() || code;
  }
  function queued() { return Object.keys(queue).filter((code) => field("value", code)); }
  function codeOf(element) { return element.closest("tr[data-code]")?.dataset.code || ""; }
  function versionOf(code) { return form.elements["version-" + code]; }

  function typed(code) {
    return { value: field("value", code).value, no_data: field("no-data", code)?.checked || false, reason: field("reason", code)?.value || "" };
  }
  function fill(code, value, none) {
    field("value", code).value = value;
    if (field("no-data", code)) field("no-data", code).checked = none;
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
  function refuse(code, words) {
    field("value", code).setAttribute("aria-invalid", "true");
    rowOf(code).classList.add("is-error");
    say(code, "", words);
  }
  function done(code) { say(code, "saved", "Сохранено"); saved += 1; announce(); }
  function made(tag, properties) { return Object.assign(document.createElement(tag), properties); }
  function tell(words, link) {
    banner.hidden = !words;
    banner.querySelector("p").textContent = words || "";
    if (!link) return;
    banner.querySelector("p").append(" ", made("a", { href: link.url, target: "_blank", rel: "noopener", textContent: link.text }));
  }
  function announce() {
    if (announce.timer) return;
    announce.timer = setTimeout(() => {
      live.textContent = saved ? "Сохранено показателей: " + saved + "." : "";
      saved = 0; announce.timer = 0;
    }, 5000);
  }

  function send() {
    if (busy || stopped) return;
    const code = Object.keys(queue)[0];
    if (!code) { if (!elsewhere.length) tell(""); return; }
    busy = true;
    const sent = JSON.stringify(queue[code]);
    call("PUT", url + code + "/", sent).then((response) => {
      const data = (response.headers.get("Content-Type") || "").indexOf("json") > 0 ? response.json() : Promise.resolve(null);
      return data.then((body) => { (field("value", code) ? receive : receiveElsewhere)(code, sent, response.status, body); });
    }).catch(lost).finally(() => {
      busy = false;
      if (!timer) send();
    });
  }
  // A cell of another section, typed before its tab was closed, is sent all the same.
  function receiveElsewhere(code, sent, status_of_answer, body) {
    if (status_of_answer === 200 && body) drop(code, sent);
    else if (status_of_answer === 409 || status_of_answer === 422) {
      drop(code, sent);
      elsewhere.push(JSON.parse(sent).value || "пусто");
      tell("Из другого раздела не сохранено: " + elsewhere.join("; ") + ". Откройте разделы формы и проверьте эти строки.");
    } else receive(code, sent, status_of_answer, body);
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
      done(code);
      if (!Object.keys(queue).length) { if (!elsewhere.length) tell(""); status.textContent = "Сохранено в " + body.at; }
      return;
    }
    if (code_of_answer === 409 && body) conflict(code, sent, body);
    else if (code_of_answer === 422 && body) { drop(code, sent); refuse(code, body.error); }
    else if (code_of_answer === 401) stop("Сеанс завершён. Введённые числа сохранены на этом компьютере.", { url: form.dataset.login, text: "Войти снова" });
    else if ([403, 404, 423].includes(code_of_answer)) stop((body && body.error || "Форма закрыта для изменений.") + " Не приняты: " + list() + ".");
    else lost();
  }
  function list() {
    return Object.keys(queue).map((code) => {
      return labelOf(code) + " – " + (queue[code].no_data ? "нет данных" : queue[code].value || "пусто");
    }).join("; ");
  }
  function stop(words, link) { stopped = true; tell(words, link); }
  function lost() {
    queued().forEach((code) => { say(code, "waiting", "Не отправлено"); });
    tell(LOST);
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; send(); }, pause);
    pause = Math.min(pause * 2, 30000);
  }
  function paintRows(rows) {
    rows.forEach((row) => {
      const element = document.querySelector("tr[data-code='" + row.code + "']");
      if (!element) return;
      element.classList.toggle("is-error", row.css === "is-error");
      element.classList.toggle("is-warning", row.css === "is-warning");
      redraw(field("findings", row.code), row.findings);
      field("change", row.code).textContent = row.change;
    });
    document.dispatchEvent(new Event("counted"));
  }
  // An explanation that is being typed stays, as long as its warning does.
  function redraw(place, html) {
    const typed = Array.from(place.querySelectorAll("select, textarea"), (one) => [one.name, one.value]);
    const open = place.querySelector("details[open]");
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.innerHTML = html; // drawn by the server's own template, which escapes
    typed.forEach((one) => {
      const again = place.querySelector("[name='" + one[0] + "']");
      if (again && one[1]) { again.value = one[1]; }
    });
    if (open && place.querySelector("details")) place.querySelector("details").open = true;
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  }
  function paint(body) {
    paintRows(body.rows);
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
    [["Оставить моё", () => { put(code); }],
      ["Взять " + body.answer, () => { fill(code, body.shown, body.no_data); say(code, "saved", "Взято значение " + body.answer); rowOf(code).classList.remove("is-error"); }],
    ].forEach((choice) => {
      field("saved", code).append(made("button", { type: "button", className: "btn btn-sm btn-outline-primary", textContent: choice[0], onclick: choice[1] }), " ");
    });
  }

  // After signing in again in another tab: a new token, and only if it is the same person.
  function resume() {
    if (!stopped || !form.dataset.token) return;
    fetch(form.dataset.token, { headers: { "Accept": "application/json" } }).then((response) => {
      return response.ok ? response.json() : null;
    }).then((body) => {
      if (!body) return;
      if (body.person !== person) { tell("В другой вкладке вошёл другой сотрудник. Числа этой страницы отправит только тот, кто их ввёл."); return; }
      token = body.token; form.querySelector("[name=csrfmiddlewaretoken]").value = token;
      stopped = false; tell(""); send();
    }).catch(() => { /* asked again at the next focus */ });
  }

  const boxes = Array.from(form.querySelectorAll("[name^=value-]"));
  // A press on a button sends the whole form, the last typed cell with it: saving that cell alone in between would move the
  // button away from under the pointer. If the press comes to nothing, the cell saves itself after all.
  let pressing = false;
  let held = "";
  let leaving = false;
  form.addEventListener("pointerdown", (event) => { pressing = Boolean(event.target.closest("[type=submit]")); });
  window.addEventListener("pointerup", () => {
    pressing = false;
    setTimeout(() => { if (held && !leaving) put(held); held = ""; }, 100);
  });
  form.addEventListener("change", (event) => {
    const code = event.target.form === form ? codeOf(event.target) : "";
    if (code && pressing) held = code; else if (code) put(code);
  });
  form.addEventListener("focusin", (event) => { if (event.target.matches("input[name^=value-]")) event.target.select(); });
  form.addEventListener("keydown", (event) => {
    const place = boxes.indexOf(event.target);
    if (event.altKey && event.code === "KeyS") { event.preventDefault(); form.querySelector("[name=next], [name=save]").click(); return; }
    if (place < 0) return;
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      rowOf(codeOf(event.target)).querySelector(".row-menu a").click();
    } else if (event.key === "Escape" && event.target.dataset.saved !== undefined) {
      event.target.value = event.target.dataset.saved;
    } else if (step && !(event.target.matches("select") && event.key !== "Enter")) {
      event.preventDefault();
      const next = boxes[place + step];
      if (next) next.focus(); else event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("submit", () => { leaving = true; window.removeEventListener("beforeunload", warn); });
  function warn(event) { if (Object.keys(queue).length) { event.preventDefault(); event.returnValue = ""; } }
  window.addEventListener("beforeunload", warn);
  window.addEventListener("online", () => { clearTimeout(timer); timer = 0; pause = 1000; send(); });
  window.addEventListener("focus", resume);

  boxes.forEach((box) => { box.dataset.saved = box.value; box.dataset.code = codeOf(box); });

  // Whatever grows above – the words of a saved row, a banner – must not move what somebody is typing into.
  let top = 0;
  function moved() { const before = top; top = document.activeElement.getBoundingClientRect().top; return top - before; }
  document.addEventListener("focusin", moved);
  window.addEventListener("scroll", moved);
  new ResizeObserver(() => { window.scrollBy(0, moved()); }).observe(document.body);

  // ---- A column copied from a spreadsheet: downward from the box, in one request, taken back in one step ----

  const report = document.getElementById("paste-report");
  const undo = report.querySelector("button");
  const preview = document.getElementById("paste-preview");
  let before = []; // what the cells held before the last paste, with the versions that it made
  function reportThat(words, canUndo) {
    report.hidden = false;
    report.querySelector("p").textContent = words;
    undo.hidden = !canUndo;
  }
  function kept(code) { return Object.assign(typed(code), { code, value: field("value", code).dataset.saved }); }
  function restore(code) { // what was refused leaves the box
    const box = field("value", code);
    box.value = box.dataset.saved;
    box.removeAttribute("aria-invalid"); rowOf(code).classList.remove("is-error"); say(code, "", "");
  }
  function settle(code, cell) {
    const box = field("value", code);
    if (cell.version !== undefined) versionOf(code).value = cell.version;
    if (cell.error) { refuse(code, cell.error); return; }
    box.removeAttribute("aria-invalid");
    fill(code, cell.shown, cell.no_data);
    box.dataset.saved = cell.shown;
    done(code);
  }

  form.addEventListener("paste", (event) => {
    if (!event.target.matches("input[name^=value-]")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const lines = text.split("\n");
    const columns = Math.max(...lines.map((line) => line.split("\t").length));
    if (lines.length < 2 && columns < 2) return;
    event.preventDefault();
    if (columns > 1) { reportThat("Скопируйте один столбец: вставлено столбцов — " + columns + "."); return; }
    const all = boxes.filter((box) => box.matches("input")); // «да/нет» rows are passed over
    const down = all.slice(all.indexOf(event.target));
    const wanted = [];
    let outside = 0;
    lines.forEach((line, place) => {
      if (!line.trim()) return; // a blank line leaves its cell as it is
      if (down[place]) wanted.push({ box: down[place], value: line.trim().slice(0, 50) });
      else outside += 1;
    });
    const replaced = wanted.filter((one) => one.box.value && one.box.value !== one.value);
    if (replaced.length > 3) ask(replaced, () => { insert(wanted, outside); });
    else if (wanted.length) insert(wanted, outside);
    else reportThat("Вставлено: 0, не поместилось: " + outside + ".");
  });

  function ask(replaced, then) {
    const body = preview.querySelector("tbody");
    body.hidden = false;
    body.replaceChildren(...replaced.map((one) => {
      const row = made("tr");
      row.append(made("th", { scope: "row", textContent: labelOf(one.box.dataset.code) }),
        ...[one.box.value, one.value].map((words) => made("td", { className: "number", textContent: words })));
      return row;
    }));
    preview.returnValue = "no";
    preview.onclose = () => {
      if (preview.returnValue === "yes") then(); else reportThat("Столбец не вставлен, числа остались прежними.");
    };
    preview.showModal();
  }

  function insert(wanted, outside) {
    const old = wanted.map((one) => kept(one.box.dataset.code));
    post(wanted.map((one) => {
      return { code: one.box.dataset.code, value: one.value, version: Number(versionOf(one.box.dataset.code).value) };
    }), (answer) => {
      let wrong = 0;
      before = [];
      answer.cells.forEach((cell, place) => {
        if (cell.error) { wrong += 1; wanted[place].box.value = wanted[place].value; }
        before.push(Object.assign(old[place], cell.error ? { refused: true } : { version: cell.version }));
        settle(cell.code, cell);
      });
      paintRows(answer.rows);
      reportThat("Вставлено: " + (wanted.length - wrong) + ", с ошибками: " + wrong + ", не поместилось: " + outside + ".", true);
    }, () => { // without a connection each cell goes the way of a typed one
      wanted.forEach((one) => { fill(one.box.dataset.code, one.value, false); put(one.box.dataset.code); });
      reportThat("Вставлено: " + wanted.length + ", не поместилось: " + outside + ". " + LOST);
    });
  }
  function post(cells, then, failed) {
    call("POST", url, JSON.stringify({ cells })).then((response) => {
      return response.json().then((body) => {
        if (response.ok) then(body); else reportThat("Столбец не вставлен. " + (body.error || ""));
      });
    }).catch(failed);
  }

  undo.addEventListener("click", () => {
    const refused = before.filter((one) => one.refused);
    const changed = before.filter((one) => !one.refused);
    function back() {
      refused.forEach((one) => { restore(one.code); });
      before = [];
      reportThat("Вставка отменена, прежние числа возвращены.");
    }
    if (!changed.length) { back(); return; }
    post(changed, (answer) => {
      answer.cells.forEach((cell) => { settle(cell.code, cell); });
      paintRows(answer.rows);
      if (answer.cells.some((cell) => cell.error)) reportThat("Отменено не всё: часть строк успели изменить.");
      else back();
    }, () => { reportThat("Вставка не отменена: нет связи с сервером.", true); });
  });

  queued().forEach((code) => { // what a closed tab or a lost connection left behind
    field("value", code).value = queue[code].value;
    say(code, "waiting", "Не отправлено");
  });
  send();
})();
