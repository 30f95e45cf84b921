"use strict";
// d' and criterion from totals: worked out here, kept nowhere.
const data = JSON.parse(document.getElementById("key").textContent);
const form = document.querySelector("form");
const result = document.getElementById("result");
const line = (text) => { const one = document.createElement("p"); one.textContent = text; return one; };
const number = (x) => x.toFixed(2).replace("-", data.minus).replace(".", data.decimal).replace(/[0-9]/g, (d) => data.digits[d]);
const count = (n) => String(n).replace(/[0-9]/g, (d) => data.digits[d]);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
const density = (z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);

function below(z) { // normal distribution function: a series near the middle, a continued fraction in the tail
  const x = Math.abs(z);
  if (x > 3) {
    let f = x;
    for (let k = 60; k > 0; k -= 1) f = x + k / f;
    return z > 0 ? 1 - density(x) / f : density(x) / f;
  }
  let term = x, sum = x;
  for (let k = 1; k < 120; k += 1) { term *= x * x / (2 * k + 1); sum += term; }
  return z > 0 ? 0.5 + density(x) * sum : 0.5 - density(x) * sum;
}

function quantile(p) { // halving: slow, exact enough, and short
  let low = -9, high = 9;
  for (let k = 0; k < 80; k += 1) { const mid = (low + high) / 2; if (below(mid) < p) low = mid; else high = mid; }
  return (low + high) / 2;
}

function score(side) {
  const get = (name) => Number(form.elements[side + "-" + name].value || 0);
  const [sheets, n, hits, m, wrong] = ["sheets", "signals", "hits", "noises", "false"].map(get);
  if (!sheets && !n && !m) return null;
  if (sheets < data.few) return { sheets, text: fill(data.words.few, { n: count(data.few) }) };
  if (!n || !m || hits > n || wrong > m || [sheets, n, hits, m, wrong].some((x) => x < 0 || x % 1)) return { sheets, text: data.words.impossible };
  const h = (hits + 0.5) / (n + 1), f = (wrong + 0.5) / (m + 1), zh = quantile(h), zf = quantile(f);
  const error = Math.sqrt(h * (1 - h) / (n + 1) / density(zh) ** 2 + f * (1 - f) / (m + 1) / density(zf) ** 2);
  return { sheets, d: zh - zf, c: -(zh + zf) / 2, error };
}

function tell(side) {
  const one = score(side);
  if (!one) return null;
  if (one.text) { result.append(line(one.text)); return null; }
  const low = one.d - 1.96 * one.error, high = one.d + 1.96 * one.error;
  result.append(line(fill(data.words.d, { d: number(one.d), low: number(low), high: number(high) })));
  const lean = one.c < -0.1 ? "c-yes" : one.c > 0.1 ? "c-no" : "c-none";
  result.append(line(fill(data.words.c, { c: number(one.c) }) + " " + data.words[lean]));
  return one;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  result.replaceChildren();
  const before = tell("before"), after = tell("after");
  if (before && after) {
    const gain = after.d - before.d, error = 1.96 * Math.hypot(before.error, after.error);
    result.append(line(fill(data.words.difference, { d: number(gain), low: number(gain - error), high: number(gain + error) })));
    const few = Math.min(before.sheets, after.sheets) < data.compare;
    result.append(line(few ? fill(data.words["compare-few"], { n: count(data.compare) }) : data.words[Math.abs(gain) > error ? "clear" : "unclear"]));
  }
  result.hidden = false;
  result.focus();
});
for (const one of document.querySelectorAll(".bar button")) one.hidden = false;
