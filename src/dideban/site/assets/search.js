// Looks through the titles and summaries of this site. Nothing leaves this page.
"use strict";
(function () {
  var form = document.getElementById("form"), words = document.getElementById("words"), list = document.getElementById("found");
  var index = window.DIDEBAN_INDEX;
  if (!form || !index) return;
  form.hidden = false;
  function fold(text) {
    return text.normalize("NFKC").toLowerCase().replace(/[\u064b-\u065f\u0670\u0640\u200c\u200d]/g, "").replace(/[\u064a\u0649]/g, "\u06cc").replace(/\u0643/g, "\u06a9")
      .replace(/[\u0629]/g, "\u0647").replace(/[\u0622\u0623\u0625]/g, "\u0627").replace(/[\u06f0-\u06f9]/g, function (c) { return c.charCodeAt(0) - 0x6f0; }).replace(/[\u0660-\u0669]/g, function (c) { return c.charCodeAt(0) - 0x660; });
  }
  var folded = index.map(function (row) { return fold(row[1] + " " + row[2]); });
  function look() {
    var parts = fold(words.value).split(/\s+/).filter(Boolean).slice(0, 8), found = [];
    for (var i = 0; parts.length && i < index.length && found.length < 40; i++) {
      if (parts.every(function (part) { return folded[i].includes(part); })) found.push(index[i]);
    }
    list.replaceChildren.apply(list, found.map(function (row) {
      var item = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
      link.href = form.dataset.root + row[0]; link.textContent = row[1]; text.textContent = row[2]; text.className = "quiet";
      item.append(link, text);
      return item;
    }));
    if (parts.length && !found.length) { var none = document.createElement("li"); none.textContent = form.dataset.none; list.append(none); }
  }
  words.addEventListener("input", look);
  form.addEventListener("submit", function (event) { event.preventDefault(); look(); });
})();
