"use strict";
// Tries calls of the interface from its page. The token stays in the field: it is sent to this room and nowhere else.
(() => {
  const bar = document.getElementById("try");
  if (!bar) return;
  const MOST = 20000;
  bar.hidden = false;
  bar.addEventListener("submit", (event) => event.preventDefault());

  function address(form) {
    const query = new URLSearchParams();
    let path = form.dataset.try;
    for (const field of form.querySelectorAll("input[name]")) {
      if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value.trim()));
      else if (field.value.trim()) query.set(field.name, field.value.trim());
    }
    return query.size ? `${path}?${query}` : path;
  }

  async function ask(form) {
    const shown = form.querySelector("pre");
    shown.hidden = false;
    shown.textContent = "…";
    try {
      const token = bar.elements.token.value.trim();
      const answer = await fetch(address(form), { headers: { Authorization: `Bearer ${token}` }, credentials: "omit", redirect: "error" });
      const text = await answer.text();
      let plain = text;
      try { plain = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
      shown.textContent = `HTTP ${answer.status}\n${plain.slice(0, MOST)}${plain.length > MOST ? "\n…" : ""}`;
    } catch (error) {
      shown.textContent = error.message;
    }
  }

  for (const form of document.querySelectorAll("form[data-try]")) {
    form.querySelector("button").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
})();
