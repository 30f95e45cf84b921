"use strict";
// The page works without this file. It adds: languages, light or dark, views of the timeline, reading of figures, copying.
// Data only ever enters the page as text nodes.
(() => {
  const root = document.documentElement;
  const all = (query, from = document) => Array.from(from.querySelectorAll(query));
  // In a room the server writes the page in the language of the reader, and language and theme are kept there.
  const hosted = "room" in root.dataset;
  const { languages, texts } = hosted ? {} : JSON.parse(document.getElementById("words").textContent);
  let lang = root.lang;

  const store = {
    get(key) { try { return localStorage.getItem("dideban-" + key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem("dideban-" + key, value); } catch { /* not kept, no harm */ } },
  };

  // ---- languages ---------------------------------------------------------------------------------------------
  // Every text stands in the table of the page in every language; figures only change their digits.
  function digits(text) {
    const own = languages[lang];
    if (text.includes("×")) return text;
    return text
      .replace(/(\d),(?=\d{3})/g, "$1" + own.group)
      .replace(/(\d)\.(?=\d)/g, "$1" + own.decimal)
      .replace(/\d/g, (d) => own.digits[d]);
  }

  const english = new WeakMap();
  const original = (element) => {
    if (!english.has(element)) english.set(element, element.textContent);
    return english.get(element);
  };

  function translate() {
    for (const e of all("[data-w]")) e.textContent = texts[lang][e.dataset.w];
    for (const e of all("[data-wl]")) e.setAttribute("aria-label", texts[lang][e.dataset.wl]);
    for (const e of all("[data-num]")) e.textContent = digits(original(e));
    for (const e of all("[data-say]")) e.hidden = e.dataset.say !== lang;
  }

  function secondCalendar() {
    const name = languages[lang].calendar;
    return name ? new Intl.DateTimeFormat(`${lang}-u-ca-${name}`, { dateStyle: "short", timeZone: "UTC" }) : null;
  }

  function setLanguage(next, keep) {
    lang = next in languages ? next : "en";
    root.lang = lang;
    root.dataset.lang = lang;
    root.dir = languages[lang].dir;
    translate();
    const calendar = secondCalendar();
    for (const e of all("time")) {
      if (calendar) e.dataset.solar = calendar.format(new Date(e.dateTime));
      else delete e.dataset.solar;
      e.title = e.dataset.solar || e.dateTime;
    }
    for (const b of all("[data-set-lang]")) b.setAttribute("aria-pressed", String(b.dataset.setLang === lang));
    if (keep) store.set("lang", lang);
  }

  // ---- light and dark ----------------------------------------------------------------------------------------
  function setTheme(next, keep) {
    const theme = ["light", "dark"].includes(next) ? next : "auto";
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const b of all("[data-set-theme]")) b.setAttribute("aria-pressed", String(b.dataset.setTheme === theme));
    if (keep) store.set("theme", theme);
  }

  // ---- the timeline ------------------------------------------------------------------------------------------
  function prepareTimeline(section) {
    const views = all("[data-is]", section);
    const buttons = all("[data-view]", section);
    const rows = all("[data-operations] tbody tr", section);
    const show = (name) => {
      for (const v of views) v.dataset.shown = String(v.dataset.is === name);
      for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.view === name));
    };
    for (const b of buttons) {
      if (!views.some((v) => v.dataset.is === b.dataset.view)) b.hidden = true;
      b.addEventListener("click", () => show(b.dataset.view));
    }
    section.dataset.tabs = "true";
    show("calendar");
    for (const field of all("[data-field]", section)) prepareField(field, rows);
  }

  function prepareField(field, rows) {
    const figure = field.closest("figure");
    const readout = figure.querySelector("[data-readout]");
    const canvas = field.querySelector(".canvas");
    const cursor = field.querySelector(".cursor");
    const columns = field.dataset.field === "operations";
    const places = rows.map((row) => Number(row.dataset.x));
    let at = -1;

    const pick = (event) => {
      const box = canvas.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width;
      if (columns) return Math.min(rows.length - 1, Math.max(0, Math.floor(x * rows.length)));
      let best = -1;
      let least = (14 / box.width) * 1000;
      places.forEach((place, ix) => {
        const far = Math.abs(place - x * 1000);
        if (far < least) { best = ix; least = far; }
      });
      return best;
    };

    const go = (ix) => {
      if (ix < 0 || ix >= rows.length || ix === at) return;
      at = ix;
      cursor.setAttribute("x", (columns ? (ix / rows.length) * 100 : places[ix] / 10 - 0.3) + "%");
      readout.replaceChildren(...sentence(rows[ix]));
      if (columns && canvas.clientWidth > field.clientWidth) {
        const x = ((ix + 0.5) / rows.length) * canvas.clientWidth;
        if (x < field.scrollLeft || x > field.scrollLeft + field.clientWidth) field.scrollLeft = x - field.clientWidth / 2;
      }
    };

    if (!rows.length) return;
    field.addEventListener("pointermove", (event) => go(pick(event)));
    field.addEventListener("pointerdown", (event) => go(pick(event)));
    field.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (step) go(Math.min(rows.length - 1, Math.max(0, at + step)));
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(rows.length - 1);
      else return;
      event.preventDefault();
    });
  }

  // The readout is the line of the table, so figure and table can never disagree.
  function sentence(row) {
    const [number_, time, kind, object, accounts, span, order] = Array.from(row.cells, (cell) => {
      const part = document.createElement("span");
      part.append(...Array.from(cell.childNodes, (node) => node.cloneNode(true)));
      return part;
    });
    object.className = "what";
    order.className = "order";
    const [operation, count, width] = Array.from(row.closest("[data-timeline]").querySelector("[data-titles]").children);
    return [titled("b", operation, number_), time, kind, object, titled("span", count, accounts), titled("span", width, span), order];
  }

  function titled(tag, title, value) {
    const part = document.createElement(tag);
    part.append(title.cloneNode(true), " ", value);
    return part;
  }

  // ---- long tables -------------------------------------------------------------------------------------------
  function fold(table) {
    const rows = all("tbody tr", table);
    const button = table.parentElement.nextElementSibling;
    if (!button || !("unfold" in button.dataset)) return;
    button.hidden = false;
    rows.slice(Number(table.dataset.fold)).forEach((row) => row.classList.add("folded"));
    button.addEventListener("click", () => {
      rows.forEach((row) => row.classList.remove("folded"));
      button.remove();
    });
  }

  // ---- copying -----------------------------------------------------------------------------------------------
  async function copy(button) {
    const text = button.closest("td").querySelector("[data-copy]").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
      button.focus();
    }
    const [before, after] = button.children;
    const show = (done) => { before.hidden = done; after.hidden = !done; };
    show(true);
    setTimeout(() => show(false), 1600);
  }

  for (const e of all("[data-needs-script]")) e.hidden = false;
  for (const b of all("[data-set-lang]")) b.addEventListener("click", () => setLanguage(b.dataset.setLang, true));
  for (const b of all("[data-set-theme]")) b.addEventListener("click", () => setTheme(b.dataset.setTheme, true));
  for (const b of all(".copy")) b.addEventListener("click", () => copy(b));
  for (const table of all("[data-fold]")) fold(table);
  for (const section of all("[data-timeline]")) prepareTimeline(section);
  if (hosted) return;
  const asked = new URLSearchParams(location.search);
  setTheme(asked.get("theme") || store.get("theme"), false);
  const chosen = asked.get("lang") || store.get("lang") || "en";
  if (chosen !== "en") setLanguage(chosen, false);
})();
