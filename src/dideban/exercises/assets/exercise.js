"use strict";
// Answers are checked here and go nowhere: no request, no storage, no cookie.
const data = JSON.parse(document.getElementById("key").textContent);
const form = document.querySelector("form");
const result = document.getElementById("result");
const number = (n) => String(n).replace(/[0-9]/g, (d) => data.digits[d]);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? number(values[name]) : all));
const line = (text, tag) => { const one = document.createElement(tag || "p"); one.textContent = text; return one; };

function say(item, given) {
  const box = document.getElementById("said-" + item.id);
  box.replaceChildren();
  const right = given === item.key;
  box.className = "said " + (right ? "good" : "bad");
  box.append(line(given ? (right ? data.words.right : data.words.wrong) : data.words.open, "b"));
  box.append(document.createTextNode(" " + item.reason));
  if (given && !right && item.why[given]) {
    const more = line("", "p");
    more.append(line(data.words["why-not"], "b"), document.createTextNode(" " + item.why[given]));
    box.append(more);
  }
  box.hidden = false;
  return right;
}

function check(event) {
  event.preventDefault();
  const seen = { right: 0, n: data.items.length, signals: 0, hits: 0, noises: 0, false: 0 };
  for (const item of data.items) {
    const picked = form.querySelector('input[name="i' + item.id + '"]:checked');
    const given = picked ? picked.value : "";
    if (say(item, given)) seen.right += 1;
    if (item.signal === true) { seen.signals += 1; if (given === "yes") seen.hits += 1; }
    if (item.signal === false) { seen.noises += 1; if (given === "yes") seen.false += 1; }
  }
  result.replaceChildren(line(fill(data.words.result, seen)));
  if (seen.signals) result.append(line(fill(data.words.counts, seen)));
  result.append(line(data.words.story, "h2"), line(data.story));
  result.hidden = false;
  result.focus();
}

function restart() {
  form.reset();
  result.hidden = true;
  for (const item of data.items) document.getElementById("said-" + item.id).hidden = true;
  form.querySelector("input").focus();
}

form.addEventListener("submit", check);
document.getElementById("again").addEventListener("click", restart);
document.getElementById("print").addEventListener("click", () => window.print());
for (const one of document.querySelectorAll(".bar button")) one.hidden = false;
