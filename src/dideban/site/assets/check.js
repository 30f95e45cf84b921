// Compares the files of this site with its signed list, as far as a browser can. Nothing leaves this page.
"use strict";
(function () {
  var box = document.getElementById("checker"), out = document.getElementById("out");
  if (!box || !window.crypto || !crypto.subtle || !window.fetch) return;
  box.hidden = false;
  var root = box.dataset.root;
  function say(name, more) { out.textContent = box.dataset[name.replace(/-(.)/g, function (_, c) { return c.toUpperCase(); })] + (more ? " " + more : ""); }
  function hex(buffer) { return Array.from(new Uint8Array(buffer), function (b) { return b.toString(16).padStart(2, "0"); }).join(""); }
  function bytes(text) { return Uint8Array.from(text.match(/../g) || [], function (pair) { return parseInt(pair, 16); }); }
  async function get(path) {
    var answer = await fetch(root + path, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(path);
    return answer.arrayBuffer();
  }
  async function list() {
    var data = await get("manifest.json");
    return { data: data, files: JSON.parse(new TextDecoder().decode(data)).files };
  }
  async function signed(data) {
    var sig = JSON.parse(new TextDecoder().decode(await get("manifest.sig.json")));
    var key;
    try { key = await crypto.subtle.importKey("raw", bytes(sig.public_key), { name: "Ed25519" }, false, ["verify"]); }
    catch (error) { return null; }
    return crypto.subtle.verify({ name: "Ed25519" }, key, bytes(sig.value), data);
  }
  document.getElementById("start").addEventListener("click", async function () {
    try {
      var found = await list(), fits = await signed(found.data), names = Object.keys(found.files), n = 0;
      if (fits === false) return say("check-bad-signature");
      for (var name of names) {
        var hash = hex(await crypto.subtle.digest("SHA-256", await get(name)));
        if (hash !== found.files[name].sha256) return say("check-bad-file", name);
        n += 1;
        if (n % 10 === 0) out.textContent = n + " / " + names.length;
      }
      say(fits ? "check-good" : "check-hashes-only", "(" + names.length + ")");
    } catch (error) { say("check-no-answer"); }
  });
  document.getElementById("file").addEventListener("change", async function (event) {
    var file = event.target.files[0];
    if (!file) return;
    try {
      var hash = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())), files = (await list()).files;
      var name = Object.keys(files).find(function (one) { return files[one].sha256 === hash; });
      say(name ? "check-known-file" : "check-unknown-file", name || hash);
    } catch (error) { say("check-no-answer"); }
  });
})();
