(() => {
  // What a look at a page would find: returns a list of sentences, empty where all is well.
  const wrong = [], root = document.documentElement, lang = root.lang;
  const wider = root.scrollWidth - root.clientWidth;
  const what = (e) => `<${e.tagName.toLowerCase()}${e.className && e.className.baseVal === undefined ? "." + e.className : ""}>`;
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".sr, .visually-hidden, [hidden], template, script, style");
  if (wider > 0) wrong.push(`wider by ${wider}px`);
  if (getComputedStyle(root).direction !== (lang === "en" ? "ltr" : "rtl")) wrong.push("direction");
  for (const e of document.querySelectorAll("main *")) {
    if (!shown(e)) continue;
    const style = getComputedStyle(e);
    if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 20 && style.overflowX === "hidden" && e.textContent.trim())
      wrong.push(`cut off: ${what(e)} ${e.textContent.trim().slice(0, 60)}`);
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > innerWidth + 2 || box.left < -2) && !e.closest(".scroll, figure, pre, .rail, nav, svg, table"))
      wrong.push(`outside: ${what(e)} ${Math.round(box.left)}..${Math.round(box.right)}`);
  }
  const others = "[lang]:not(html), bdi, code, pre, kbd, [dir=ltr], [translate=no], select, textarea, .latin, svg, .said, time";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let before = null;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement, text = node.data;
    if (!text || !shown(parent) || parent.closest("script, style, svg, option, textarea")) continue;
    if (before && /[\p{L}\p{N}]$/u.test(before.data) && /^[\p{L}\p{N}]/u.test(text)) {
      const range = document.createRange();
      range.setStart(before, 0); range.setEnd(node, text.length);
      const common = range.commonAncestorContainer;
      let apart = before.parentElement === parent || range.cloneContents().querySelector("input, select, textarea, br, img, button, svg") !== null;
      for (const side of [before.parentElement, parent])
        for (let e = side; e && e !== common; e = e.parentElement) apart ||= getComputedStyle(e).display !== "inline";
      if (!apart) wrong.push(`runs together: ${before.data.slice(-30)}|${text.slice(0, 30)} in ${what(common)}`);
    }
    before = text.trim() ? node : before;
    if (!text.trim()) { before = null; continue; }
    if (parent.closest("code, pre, kbd, bdi, [dir=auto], [lang]:not(html), [translate=no]")) continue;
    const said = text.replace(/https?:\S+|\S+@\S+|\S*[\/\\_]\S*/g, " ");
    if (/\b\d{4,} ?(s|seconds)\b|\b\d+\.\d{3,}\b/.test(said)) wrong.push(`raw number: ${text.trim().slice(0, 80)}`);
    if (/\b[a-z]{3,}(-[a-z]{2,}){1,}\b/.test(said) && lang !== "en" || /\b[a-z]+\.[a-z]+(-[a-z]+)+\b|\bNone\b|\bnan\b|\{\w+\}/.test(said)) wrong.push(`code: ${text.trim().slice(0, 80)}`);
    if (lang !== "en") {
      if (/[A-Za-z]{3,}/.test(said)) wrong.push(`latin: ${text.trim().slice(0, 80)} in ${what(parent)}`);
      if (lang === "fa" && /[0-9]/.test(said)) wrong.push(`digits: ${text.trim().slice(0, 80)} in ${what(parent)}`);
    }
  }
  return [...new Set(wrong)].slice(0, 25);
})()
