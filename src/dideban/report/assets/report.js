"use strict";
// The page works without this file. It adds: languages, light or dark, views of the timeline, reading of figures, copying.
// Data only ever enters the page as text nodes.
(() => {
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("words").textContent);
  const all = (query, from = document) => Array.from(from.querySelectorAll(query));
  const DIGITS = { fa: "۰۱۲۳۴۵۶۷۸۹", ar: "٠١٢٣٤٥٦٧٨٩" };
  // In a room the server writes the page in the language of the reader, and language and theme are kept there.
  const hosted = "room" in root.dataset;
  let lang = hosted ? root.lang : "en";

  const store = {
    get(key) { try { return localStorage.getItem("dideban-" + key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem("dideban-" + key, value); } catch { /* not kept, no harm */ } },
  };

  // ---- words and numbers -------------------------------------------------------------------------------------
  function digits(text) {
    if (!DIGITS[lang] || text.includes("×")) return text;
    return text
      .replace(/(\d),(?=\d{3})/g, "$1٬")
      .replace(/(\d)\.(?=\d)/g, "$1٫")
      .replace(/\d/g, (d) => DIGITS[lang][d]);
  }

  function duration(seconds) {
    const size = Math.abs(seconds);
    const [unit, length] =
      size >= 129600 ? ["u_d", 86400] : size >= 5400 ? ["u_h", 3600] : size >= 60 ? ["u_min", 60] : ["u_s", 1];
    const value = seconds / length;
    const text = Math.abs(value) >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
    return digits(text) + " " + words[unit][lang];
  }

  function number(value) {
    if (Math.abs(value) >= 1e10) {
      const [mantissa, power] = value.toExponential(1).split("e+");
      return mantissa.replace(/\.0$/, "") + "×10" + power.replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
    }
    return digits(value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) >= 1000 ? 0 : 3 }));
  }

  function say(key, params) {
    let entry = words[key][lang];
    if (typeof entry === "object") entry = entry[new Intl.PluralRules(lang).select(params.n)] ?? entry.other;
    return entry.replace(/\{(\w+)\}/g, (_, name) => {
      const value = params[name];
      if (name.startsWith("s_")) return duration(value);
      return typeof value === "number" ? number(value) : String(value);
    });
  }

  const parsed = (element) => JSON.parse(element.dataset.p || "{}");
  const english = new WeakMap();
  const original = (element) => {
    if (!english.has(element)) english.set(element, element.textContent);
    return english.get(element);
  };

  const solar = () => new Intl.DateTimeFormat("fa-IR-u-ca-persian", { dateStyle: "short", timeZone: "UTC" });

  function translate(scope) {
    for (const e of all("[data-w]", scope)) e.textContent = say(e.dataset.w, parsed(e));
    for (const e of all("[data-wl]", scope)) e.setAttribute("aria-label", say(e.dataset.wl, parsed(e)));
    for (const e of all("[data-s]", scope)) e.textContent = duration(Number(e.dataset.s));
    for (const e of all("[data-num]", scope)) e.textContent = digits(original(e));
  }

  function setLanguage(next, keep) {
    lang = ["en", "fa", "ar"].includes(next) ? next : "en";
    root.lang = lang;
    root.dataset.lang = lang;
    root.dir = lang === "en" ? "ltr" : "rtl";
    translate(document);
    const calendar = lang === "fa" ? solar() : null;
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
    const title = document.createElement("b");
    title.append(spoken("operation"), " ", number_);
    const count = document.createElement("span");
    count.append(spoken("accounts"), " ", accounts);
    const width = document.createElement("span");
    width.append(spoken("span"), " ", span);
    return [title, time, kind, object, count, width, order];
  }

  // ---- long tables -------------------------------------------------------------------------------------------
  function fold(table) {
    const rows = all("tbody tr", table);
    const button = document.createElement("button");
    const text = document.createElement("span");
    text.dataset.w = "show_all";
    text.dataset.p = JSON.stringify({ n: rows.length });
    text.textContent = say("show_all", { n: rows.length });
    button.type = "button";
    button.className = "unfold";
    button.append(text);
    rows.slice(Number(table.dataset.fold)).forEach((row) => row.classList.add("folded"));
    button.addEventListener("click", () => {
      rows.forEach((row) => row.classList.remove("folded"));
      button.remove();
    });
    table.parentElement.after(button);
  }

  function spoken(key) {
    const part = document.createElement("span");
    part.dataset.w = key;
    part.textContent = say(key, {});
    return part;
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
    const word = button.querySelector("[data-w]");
    word.textContent = say("copied", {});
    setTimeout(() => { word.textContent = say(word.dataset.w, {}); }, 1600);
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
