"use strict";
// Ctrl-K: every page of the room, a finding or a case by its number, and a search, without leaving the keyboard.
(() => {
  const box = document.getElementById("palette");
  if (!box) return;
  const text = box.querySelector("input");
  const list = box.querySelector("ul");
  const MOST = 12;
  let at = 0;

  const digits = (value) => value.replace(/[\u06F0-\u06F9]/g, (d) => d.charCodeAt(0) - 0x06F0).replace(/[\u0660-\u0669]/g, (d) => d.charCodeAt(0) - 0x0660);
  const plain = (value) => value.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[\u200c\u064A]/g, (c) => c === "\u064A" ? "\u06CC" : " ").replace(/\u0643/g, "\u06A9").toLocaleLowerCase();
  const pages = () => Array.from(document.querySelectorAll(".rail a[href], .me a[href]"), (a) => ({ words: a.firstChild.textContent.trim() || a.textContent.trim(), to: a.href }));

  function found(asked) {
    const wanted = plain(asked.trim()).split(/\s+/).filter(Boolean);
    const rows = pages().filter((row) => wanted.every((word) => plain(row.words).includes(word)));
    const number = digits(asked.trim());
    if (/^\d{1,9}$/.test(number)) {
      rows.unshift({ words: `${box.dataset.wordCase} ${asked.trim()}`, to: `${box.dataset.cases}${number}/` });
      rows.unshift({ words: `${box.dataset.wordFinding} ${asked.trim()}`, to: `${box.dataset.findings}${number}/` });
    }
    if (asked.trim()) rows.push({ words: `${box.dataset.wordSearch}: ${asked.trim()}`, to: `${box.dataset.posts}?q=${encodeURIComponent(asked.trim())}` });
    return rows.slice(0, MOST);
  }

  function show() {
    at = Math.max(0, Math.min(at, list.childElementCount - 1));
    for (const [ix, row] of Array.from(list.children).entries()) {
      row.setAttribute("aria-selected", ix === at);
      if (ix === at) {
        text.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    }
  }

  function fill() {
    list.replaceChildren(...found(text.value).map((row, ix) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      item.id = `palette-${ix}`;
      item.setAttribute("role", "option");
      link.href = row.to;
      link.tabIndex = -1;
      link.dir = "auto";
      link.textContent = row.words;
      item.append(link);
      return item;
    }));
    at = 0;
    show();
  }

  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (box.open) { box.close(); return; }
    text.value = "";
    fill();
    box.showModal();
    text.focus();
  });
  text.addEventListener("input", fill);
  text.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at += 1;
    else if (event.key === "ArrowUp") at -= 1;
    else if (event.key === "Enter" && !event.isComposing) {
      const link = list.children[at] && list.children[at].querySelector("a");
      if (link) link.click();
    } else return;
    event.preventDefault();
    show();
  });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
})();
