"use strict";
// Fields for dates work without this file. It says back each key what was understood, and adds a calendar to choose from.
(() => {
  const lang = document.documentElement.lang;
  const rtl = document.documentElement.dir === "rtl";
  const FIRST = [0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336];
  const EPOCH = -492268; // 1 Farvardin of year 1, in days since 1970
  const before = (year) => 365 * (year - 1) + Math.floor((8 * year + 21) / 33);
  const LUNAR_EPOCH = -492148; // 1 Muharram of year 1
  const lunarBefore = (year) => 354 * (year - 1) + Math.floor((3 + 11 * year) / 30);
  const monthBefore = (month) => 29 * (month - 1) + Math.floor(month / 2);
  const dayOf = (time) => Math.floor(time / 864e5);
  const dateOf = (day) => new Date(day * 864e5);

  const calendars = {
    jalali: {
      split(day) {
        const n = day - EPOCH;
        const year = 1 + Math.floor((33 * n + 3) / 12053);
        const rest = n - before(year);
        const month = rest < 216 ? Math.floor(rest / 31) : Math.floor((rest - 6) / 30);
        return [year, month + 1, rest - FIRST[month] + 1];
      },
      join: (year, month, day) => EPOCH + before(year) + FIRST[month - 1] + day - 1,
      length: (year, month) => (month <= 6 ? 31 : month < 12 || before(year + 1) - before(year) === 366 ? 30 : 29),
      sign: "/",
      extension: "-u-ca-persian",
      weekday: 6,
    },
    // The lunar calendar by the table of 30 years, as the room reads it.
    hijri: {
      split(day) {
        const n = day - LUNAR_EPOCH;
        const year = Math.floor((30 * n + 10646) / 10631);
        const rest = n - lunarBefore(year);
        let month = 12;
        while (monthBefore(month) > rest) month -= 1;
        return [year, month, rest - monthBefore(month) + 1];
      },
      join: (year, month, day) => LUNAR_EPOCH + lunarBefore(year) + monthBefore(month) + day - 1,
      length: (year, month) => (month % 2 || (month === 12 && lunarBefore(year + 1) - lunarBefore(year) === 355) ? 30 : 29),
      sign: "/",
      extension: "-u-ca-islamic-civil",
      weekday: lang === "en" ? 1 : 6,
    },
    gregorian: {
      split: (day) => [dateOf(day).getUTCFullYear(), dateOf(day).getUTCMonth() + 1, dateOf(day).getUTCDate()],
      join: (year, month, day) => dayOf(Date.UTC(year, month - 1, day)),
      length: (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate(),
      sign: "-",
      extension: "-u-ca-gregory",
      weekday: lang === "ar" ? 6 : 1,
    },
  };
  const write = (day, kind, options) => new Intl.DateTimeFormat(lang + calendars[kind].extension + (lang === "ar" ? "-nu-arab" : ""), { timeZone: "UTC", ...options }).format(dateOf(day));
  const latin = (text) => text.normalize("NFKC").replace(/[\u06f0-\u06f9]/g, (c) => c.charCodeAt(0) - 0x6f0).replace(/[\u0660-\u0669]/g, (c) => c.charCodeAt(0) - 0x660).replace(/[\u200e\u200f\u061c\u2066-\u2069]/g, "");
  const FORM = /^\s*(\d{4})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,2})(?:[T\s,\u060c]+(\d{1,2}):(\d{2}).*)?\s*$/;

  // What a text means: {day, clock}; null where it is no day; undefined where only the room can tell (names of months).
  function read(text, mine) {
    const found = FORM.exec(latin(text));
    if (!found) return /[^\d\s\-/.:,]/.test(latin(text)) ? undefined : null;
    const [year, month, day] = [1, 2, 3].map((n) => Number(found[n]));
    const kind = mine === "hijri" && year >= 1410 && year < 1530 ? "hijri" : year >= 1369 && year < 1430 ? "jalali" : year >= 1990 && year <= 2100 ? "gregorian" : null;
    if (!kind || month < 1 || month > 12 || day < 1 || day > calendars[kind].length(year, month)) return null;
    if (found[4] && (Number(found[4]) > 23 || Number(found[5]) > 59)) return null;
    return { day: calendars[kind].join(year, month, day), clock: found[4] ? `${found[4]}:${found[5]}` : "" };
  }

  const long = { day: "numeric", month: "long", year: "numeric" };
  // The parts are put together here: some browsers write the weekday of a solar date last, after the year.
  const spoken = (day, kind) => `${write(day, kind, { weekday: "long" })} ${write(day, kind, long)}`;

  function words(found, kind) {
    const other = kind !== "gregorian" ? "gregorian" : lang === "fa" ? "jalali" : null;
    const beside = other ? ` (${write(found.day, other, long)})` : "";
    const clock = found.clock ? `${lang === "en" ? "," : "،"} ${found.clock.replace(/\d/g, (c) => new Intl.NumberFormat(lang === "ar" ? "ar-u-nu-arab" : lang, { useGrouping: false }).format(c))}` : "";
    return `${spoken(found.day, kind)}${beside}${clock}`;
  }

  function field(box) {
    const input = box.querySelector("input[type=text]");
    const said = box.querySelector("[data-said]");
    const kind = box.dataset.date;
    const hint = said.textContent;
    said.setAttribute("aria-live", "polite");
    const say = () => {
      const found = input.value.trim() ? read(input.value, kind) : undefined;
      said.textContent = found ? words(found, kind) : found === null ? box.dataset.odd : hint;
    };
    input.addEventListener("input", say);
    if (input.value) say();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "▦";
    button.setAttribute("aria-label", `${box.dataset.choose}: ${box.querySelector("label").textContent}`);
    const row = document.createElement("span");
    row.className = "date-row";
    input.before(row);
    row.append(input, button);
    button.addEventListener("click", () => choose(box, kind, read(input.value, kind), (day) => {
      const had = read(input.value, kind);
      const clock = had && had.clock ? had.clock : "12:00";
      const text = calendars[kind].split(day).map((n) => String(n).padStart(2, "0")).join(calendars[kind].sign);
      input.value = "time" in box.dataset ? `${text} ${clock}` : text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      button.focus();
    }));
  }

  // A dialog with a grid of the days of a month: arrows go by days and weeks, Page Up and Down by months, with Shift by years.
  function choose(box, kind, found, done) {
    const calendar = calendars[kind];
    const now = new Date();
    const today = dayOf(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
    const chosen = found ? found.day : null;
    let at = chosen === null ? today : chosen;
    const dialog = document.createElement("dialog");
    dialog.className = "day-picker";
    dialog.setAttribute("aria-label", box.dataset.choose);
    const part = (name, ...inside) => {
      const made = document.createElement(name);
      made.append(...inside);
      return made;
    };
    const press = (text, label, act) => {
      const made = part("button", text);
      made.type = "button";
      made.className = "btn";
      if (label) made.setAttribute("aria-label", label);
      made.addEventListener("click", act);
      return made;
    };
    const title = part("h2");
    title.setAttribute("aria-live", "polite");
    const back = press(rtl ? "›" : "‹", box.dataset.before, () => month(-1));
    const on = press(rtl ? "‹" : "›", box.dataset.after, () => month(1));
    const head = part("div", back, title, on);
    head.className = "head";
    const table = part("table");
    table.setAttribute("role", "grid");
    dialog.append(head, table, press(box.dataset.close, "", () => dialog.close()));
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());

    function moved(months) {
      const [year, m, day] = calendar.split(at);
      const all = year * 12 + m - 1 + months;
      const [y, to] = [Math.floor(all / 12), (all % 12) + 1];
      return calendar.join(y, to, Math.min(day, calendar.length(y, to)));
    }
    function month(step) {
      at = moved(step);
      draw(false);
    }
    function cell(day, first, length) {
      const made = part("td");
      if (day < first || day >= first + length) return made;
      const button = part("button", write(day, kind, { day: "numeric" }).replace(/[^\p{Nd}]/gu, ""));
      button.type = "button";
      button.tabIndex = day === at ? 0 : -1;
      button.dataset.day = day;
      button.setAttribute("aria-label", spoken(day, kind));
      if (day === today) button.setAttribute("aria-current", "date");
      made.setAttribute("role", "gridcell");
      made.setAttribute("aria-selected", String(day === chosen));
      button.addEventListener("click", () => {
        dialog.close();
        done(day);
      });
      made.append(button);
      return made;
    }
    function draw(focus = true) {
      const [year, m] = calendar.split(at);
      const first = calendar.join(year, m, 1);
      const length = calendar.length(year, m);
      title.textContent = write(at, kind, { month: "long", year: "numeric" });
      const lead = (dateOf(first).getUTCDay() - calendar.weekday + 7) % 7;
      const names = part("tr");
      for (let n = 0; n < 7; n += 1) {
        const name = part("th", write(first - lead + n, kind, { weekday: "narrow" }));
        name.scope = "col";
        name.abbr = write(first - lead + n, kind, { weekday: "long" });
        names.append(name);
      }
      const rows = [];
      for (let day = first - lead; day < first + length; day += 7) rows.push(part("tr", ...[0, 1, 2, 3, 4, 5, 6].map((n) => cell(day + n, first, length))));
      table.setAttribute("aria-label", title.textContent);
      table.replaceChildren(part("thead", names), part("tbody", ...rows));
      if (focus) table.querySelector('[tabindex="0"]').focus();
    }
    table.addEventListener("keydown", (event) => {
      const side = rtl ? -1 : 1;
      const inWeek = (dateOf(at).getUTCDay() - calendar.weekday + 7) % 7;
      const to = {
        ArrowRight: () => at + side, ArrowLeft: () => at - side, ArrowDown: () => at + 7, ArrowUp: () => at - 7,
        Home: () => at - inWeek, End: () => at + 6 - inWeek,
        PageDown: () => moved(event.shiftKey ? 12 : 1), PageUp: () => moved(event.shiftKey ? -12 : -1),
      }[event.key];
      if (!to) return;
      event.preventDefault();
      at = to();
      draw();
    });
    dialog.showModal();
    draw();
  }

  for (const box of document.querySelectorAll("[data-date]")) field(box);
})();
