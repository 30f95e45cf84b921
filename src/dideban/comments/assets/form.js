"use strict";
// The work of the form: find a number whose SHA-256 with the token begins with enough zero bits. Nothing is sent before.
const K = new Uint32Array(64), H = new Uint32Array(8);
(() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const bits = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32);
  primes.forEach((p, i) => { K[i] = bits(Math.cbrt(p)); if (i < 8) H[i] = bits(Math.sqrt(p)); });
})();
const W = new Uint32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function firstWord(text) { // first 32 bits of SHA-256 of ASCII text
  const bytes = new TextEncoder().encode(text), blocks = ((bytes.length + 8) >> 6) + 1;
  const data = new Uint8Array(blocks * 64);
  data.set(bytes); data[bytes.length] = 128;
  new DataView(data.buffer).setUint32(data.length - 4, bytes.length * 8);
  const view = new DataView(data.buffer), s = Uint32Array.from(H);
  for (let b = 0; b < blocks; b += 1) {
    for (let i = 0; i < 16; i += 1) W[i] = view.getUint32(b * 64 + i * 4);
    for (let i = 16; i < 64; i += 1) {
      const x = W[i - 15], y = W[i - 2];
      W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, c, d, e, f, g, h, j] = s;
    for (let i = 0; i < 64; i += 1) {
      const t = (j + (turn(f, 6) ^ turn(f, 11) ^ turn(f, 25)) + ((f & g) ^ (~f & h)) + K[i] + W[i]) | 0;
      const u = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & c) ^ (a & d) ^ (c & d))) | 0;
      j = h; h = g; g = f; f = (e + t) | 0; e = d; d = c; c = a; a = (t + u) | 0;
    }
    [a, c, d, e, f, g, h, j].forEach((x, i) => { s[i] += x; });
  }
  return s[0];
}

const form = document.getElementById("write");
if (form) {
  let n = 0, found = false;
  const zeros = Number(form.dataset.bits), token = form.dataset.token;
  const step = (then) => {
    for (let i = 0; i < 4000 && !found; i += 1) {
      if (Math.clz32(firstWord(token + ":" + n)) >= zeros) found = true; else n += 1;
    }
    if (!found) { setTimeout(() => step(then), 0); return; }
    form.elements.answer.value = String(n);
    then();
  };
  let waiting = false;
  form.elements.body.addEventListener("focus", () => { if (!n && !found) step(() => {}); }, { once: true });
  form.addEventListener("submit", (event) => {
    if (found) return;
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    document.getElementById("working").hidden = false;
    step(() => form.submit());
  });
}
