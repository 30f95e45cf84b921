"use strict";
// Every page works without this file. It adds keys, the help about them, and views that follow the reader.
(() => {
  const root = document.documentElement;
  const all = (query, from = document) => Array.from(from.querySelectorAll(query));
  const help = document.getElementById("keys");

  for (const button of all("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }

  const writing = (target) =>
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type);

  // On a narrow screen the style turns tables into lists; each cell then says what it is, and stays a cell.
  function headings(table) {
    const names = [];
    all("thead tr", table).forEach((row) => {
      let column = 0;
      for (const cell of row.cells) {
        while (names[column] && names[column].full) column += 1;
        for (let n = 0; n < cell.colSpan; n += 1) {
          const before = names[column + n] ? `${names[column + n].text}: ` : "";
          names[column + n] = { text: before + cell.innerText.trim(), full: cell.rowSpan > 1 };
        }
        column += cell.colSpan;
      }
    });
    return names.map((name) => name.text);
  }

  function stack(table) {
    const names = headings(table);
    table.classList.add("is-stacked");
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      Array.from(row.cells).forEach((cell, ix) => {
        cell.setAttribute("role", cell.tagName === "TD" ? "cell" : cell.scope === "row" ? "rowheader" : "columnheader");
        if (cell.tagName !== "TD") return;
        if (names[ix]) cell.dataset.label = names[ix];
        cell.classList.toggle("is-empty", !cell.textContent.trim() && !cell.querySelector("svg, input, button"));
      });
    }
  }

  // The browser writes its own language on a button for files; ours stands in front of it.
  function choose(input) {
    const box = document.createElement("span");
    const button = document.createElement("span");
    const names = document.createElement("span");
    box.className = "choose";
    button.className = "btn";
    names.className = "meta";
    button.textContent = input.dataset.choose;
    input.classList.add("sr");
    input.before(box);
    box.append(input, button, names);
    input.addEventListener("change", () => {
      names.replaceChildren(...Array.from(input.files).map((file) => {
        const name = document.createElement("bdi");
        name.textContent = `${file.name} `;
        return name;
      }));
    });
  }

  // On a narrow screen what is listed comes first: filters fold behind a button, unless one of them is set.
  function fold(form) {
    const button = document.createElement("button");
    const is_set = (field) => (/^(checkbox|radio)$/.test(field.type) ? field.checked : field.tagName === "SELECT" ? field.selectedIndex > 0 : field.value);
    const show = (is_open) => {
      form.classList.toggle("is-folded", !is_open);
      button.setAttribute("aria-expanded", String(is_open));
    };
    button.type = "button";
    button.className = "btn fold";
    button.textContent = form.dataset.fold;
    button.addEventListener("click", () => show(form.classList.contains("is-folded")));
    show(Array.from(form.elements).some((field) => !/^(hidden|submit|button)$/.test(field.type) && !field.closest(".wide") && is_set(field)));
    const first = form.querySelector(":scope > .wide");
    if (first) first.after(button);
    else form.prepend(button);
  }

  // Who begins a room begins in the time zone of their machine, and can still write another.
  for (const field of all("input[data-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;

  function furnish(part) {
    for (const form of all("form[data-fold]", part)) fold(form);
    for (const table of all("table.data", part)) stack(table);
    for (const input of all("input[data-choose]", part)) choose(input);
  }

  // What was written into a form that failed stands in it again.
  function refill(kept) {
    const same = (field) => field.name === "csrfmiddlewaretoken" || (kept.fields[field.name] || []).includes(field.value);
    const fits = (form) => new URL(form.getAttribute("action") || "", location).pathname === kept.path
      && all("input[type=hidden]", form).every(same);
    const form = all("form[method=post]").find(fits);
    if (!form) return;
    for (const field of form.elements) {
      const values = kept.fields[field.name];
      if (/^(hidden|file|submit|button)$/.test(field.type)) continue;
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = Boolean(values && values.includes(field.value));
      else if (values && field.tagName !== "BUTTON") field.value = values[0];
    }
    const fold = form.closest("details");
    if (fold) fold.open = true;
    const told = document.querySelector(".messages");
    if (told) form.prepend(told);
    form.scrollIntoView({ block: "nearest" });
  }

  const unsent = document.getElementById("unsent");
  if (unsent) refill(JSON.parse(unsent.textContent));
  furnish(document);
  const here = document.querySelector(".rail [aria-current]");
  const rail = document.querySelector(".rail");
  if (here && rail.scrollWidth > rail.clientWidth) {
    const [inner, outer] = [here.getBoundingClientRect(), rail.getBoundingClientRect()];
    rail.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }

  // A page after a form begins with what was done: a screen reader would else begin at its top, and say nothing of it.
  const done = document.querySelector(".messages .note, #verdict [data-done]");
  if (done && !unsent && document.activeElement === document.body) {
    done.tabIndex = -1;
    done.focus({ preventScroll: true });
  }

  let at = -1;
  function go(step) {
    const way = document.querySelector(step > 0 ? "[data-finding] [data-next]" : "[data-finding] [data-previous]");
    if (document.querySelector("[data-finding]")) {
      if (way) way.click();
      return;
    }
    const rows = all("[data-row]");
    if (!rows.length) return;
    at = Math.min(rows.length - 1, Math.max(0, at + step));
    for (const row of rows) row.classList.toggle("is-here", row === rows[at]);
    const link = rows[at].querySelector("a[href]");
    if (link) link.focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function judge(key) {
    const choice = document.querySelector(`[data-key="${key}"]`);
    if (!choice) return false;
    choice.checked = true;
    const reason = document.querySelector("[data-reason]");
    if (reason) reason.focus();
    return true;
  }

  // A field for a number takes Latin digits alone: those of a Persian or Arabic keyboard become Latin as they are typed.
  document.addEventListener("beforeinput", (event) => {
    if (event.target.type !== "number" || !event.data) return;
    const latin = event.data.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
    if (latin === event.data) return;
    event.preventDefault();
    document.execCommand("insertText", false, latin);
  });

  // Control and Enter sends the form that is written into; Command on a Mac.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.form) return;
    event.preventDefault();
    const form = event.target.form;
    form.requestSubmit(form.querySelector("button.is-main:not([type=button])") || form.querySelector("button:not([type=button])"));
  });

  function choose_row() {
    const row = document.querySelector("[data-row].is-here") || (document.activeElement.closest && document.activeElement.closest("[data-row]"));
    const box = row && row.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
    return Boolean(box);
  }

  document.addEventListener("keydown", (event) => {
    if (root.dataset.shortcuts === "off" || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (writing(event.target) || (help && help.open)) return;
    // The key's place on the keyboard as well: on a Persian layout j writes another letter.
    const key = /^Key[JK]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
    const digit = /^Digit[1-4]$/.test(event.code) ? event.code.slice(5) : null;
    if (key === "j") go(1);
    else if (key === "k") go(-1);
    else if (event.key === "?" || event.key === "؟") help.showModal();
    else if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      search.focus();
    } else if (event.code === "KeyX" && !event.shiftKey) { if (!choose_row()) return; }
    else if (event.code === "KeyU" && !event.shiftKey) {
      const undo = document.querySelector("[data-undo]");
      if (!undo) return;
      undo.click();
    } else if (digit && !event.shiftKey) { if (!judge(digit)) return; }
    else return;
    event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", () => {
    at = -1;
    for (const table of all("table.data:not(.is-stacked)")) stack(table);
  });
  // The page that renews itself must not pull the ground from under whoever is reading or typing in it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "live") return;
    const busy = event.detail.elt.contains(document.activeElement) || document.visibilityState !== "visible";
    if (busy) event.preventDefault();
  });
})();
