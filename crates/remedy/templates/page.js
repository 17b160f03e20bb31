"use strict";
addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll("details.table")) table.open = true;
});
for (const pre of document.querySelectorAll("pre")) offerCopy(pre);

function offerCopy(pre) {
  const box = document.createElement("div");
  box.className = "copied";
  pre.replaceWith(box);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    button.textContent = await copy(pre.textContent) ? "Copied" : "Select it";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  box.append(pre, button);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Older browsers, and pages opened from a file.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

const code = document.getElementById("snippets");
if (code) {
  for (const [language, languageName, manager, managerName, text, needs, notes] of window.STANCH_SNIPPETS || []) {
    if (code.querySelector(`[data-language="${language}"][data-manager="${manager}"]`)) continue;
    const item = document.createElement("details");
    Object.assign(item.dataset, { language, manager, languageName, managerName });
    item.append(document.createElement("summary"));
    if (notes) {
      const line = document.createElement("p");
      line.className = "faint";
      line.textContent = notes.replaceAll("`", "");
      item.append(line);
    }
    for (const [content, kind] of [[needs, "wrap"], [named(text, code.dataset), ""]]) {
      if (!content) continue;
      const pre = document.createElement("pre");
      pre.className = kind;
      pre.append(document.createElement("code"));
      pre.firstChild.textContent = content;
      item.append(pre);
      offerCopy(pre);
    }
    code.append(item);
  }
  const items = [...code.querySelectorAll("details")];
  const rows = ["language", "manager"].map(what => {
    const row = document.createElement("div");
    row.className = "tabs";
    row.setAttribute("role", "tablist");
    row.setAttribute("aria-label", what);
    const label = document.createElement("span");
    label.textContent = what === "language" ? "Language" : "Kept in";
    row.append(label);
    const names = new Map(items.map(item => [item.dataset[what], item.dataset[what + "Name"]]));
    for (const [id, name] of names) {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.dataset[what] = id;
      tab.textContent = name;
      tab.addEventListener("click", () => { chosen[what] = id; show(); });
      row.append(tab);
    }
    return row;
  });
  const none = document.createElement("p");
  none.className = "faint";
  none.textContent = "There is no snippet for these two together.";
  const chosen = { language: code.dataset.first || items[0]?.dataset.language, manager: items[0]?.dataset.manager };
  const show = () => {
    let any = false;
    for (const item of items) {
      item.open = true;
      item.querySelector("summary").hidden = true;
      item.hidden = item.dataset.language !== chosen.language || item.dataset.manager !== chosen.manager;
      any ||= !item.hidden;
    }
    none.hidden = any;
    for (const tab of code.parentElement.querySelectorAll("[role=tab]")) {
      const what = tab.dataset.language ? "language" : "manager";
      tab.setAttribute("aria-selected", tab.dataset[what] === chosen[what]);
    }
  };
  if (items.length) {
    code.before(...rows);
    code.append(none);
    show();
  }
}

function named(text, names) {
  const parts = names.path.split("/");
  return text
    .replaceAll("STANCH_VARIABLE", names.variable)
    .replaceAll("stanchprovider", parts[0])
    .replaceAll("stanchname", parts.slice(1).join("/"));
}

const form = document.querySelector("form.filter");
if (form) {
  const pages = [...document.querySelectorAll("ul.pages > li")];
  const told = form.querySelector("output");
  const show = () => {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const levels = [...form.querySelectorAll("[name=severity]:checked")].map(box => box.value);
    const category = form.elements.category.value;
    let shown = 0;
    for (const page of pages) {
      const fits = words.every(word => page.dataset.words.includes(word))
        && levels.includes(page.dataset.severity)
        && (!category || page.dataset.category === category);
      page.hidden = !fits;
      shown += fits;
    }
    told.textContent = shown ? `${shown} of ${pages.length}` : "Nothing fits. Try fewer letters, or the first letters of the value.";
    const query = form.elements.q.value;
    try { history.replaceState(null, "", query ? "#q=" + encodeURIComponent(query) : location.pathname); } catch { /* not from a file */ }
  };
  const asked = location.hash.match(/^#q=(.*)$/);
  if (asked) try { form.elements.q.value = decodeURIComponent(asked[1]); } catch { /* no such text */ }
  form.addEventListener("input", show);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const left = pages.filter(page => !page.hidden);
    if (left.length === 1) location.href = left[0].querySelector("a").href;
  });
  show();
}
