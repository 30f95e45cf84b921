"use strict";
// The queue by keys: j and k move, x chooses, 1 to 7 set the reason, a shows, r refuses, h puts aside.
const form = document.getElementById("act");
const rows = [...document.querySelectorAll(".queue > li")];
let at = -1;
const go = (to) => {
  if (!rows.length) return;
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, i) => row.classList.toggle("at", i === at));
  rows[at].focus();
};
const act = (what) => {
  const chosen = rows.some((row) => row.querySelector("input").checked);
  const button = document.createElement("button");
  button.name = "do";
  button.value = chosen ? what : what + ":" + rows[at].dataset.pick;
  form.append(button);
  form.requestSubmit(button);
};
if (form) {
  go(0);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input[type=text]")) return;
    const key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "x") { const box = rows[at].querySelector("input"); box.checked = !box.checked; }
    else if (key >= "1" && key <= "7") form.elements.reason.selectedIndex = Number(key) - 1;
    else if (key === "a") act("show");
    else if (key === "r") act("refuse");
    else if (key === "h") act("hold");
    else return;
    event.preventDefault();
  });
}
