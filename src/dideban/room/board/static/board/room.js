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
    reason.focus();
    return true;
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
    } else if (digit && !event.shiftKey) { if (!judge(digit)) return; }
    else return;
    event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", () => { at = -1; });
  // The page that renews itself must not pull the ground from under whoever is reading or typing in it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "live") return;
    const busy = event.detail.elt.contains(document.activeElement) || document.visibilityState !== "visible";
    if (busy) event.preventDefault();
  });
})();
