
const form = document.getElementById("filter");
if (form) {
  const items = [...document.querySelectorAll("#findings > li")].map(item => [item, item.textContent.toLowerCase()]);
  const text = document.getElementById("text");
  const told = document.getElementById("shown");
  const show = () => {
    const levels = new Set([...form.querySelectorAll("[name=severity]:checked")].map(box => box.value));
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const [item, words] of items) {
      item.hidden = !levels.has(item.dataset.severity) || !words.includes(wanted);
      shown += !item.hidden;
    }
    told.textContent = shown === items.length ? "" : shown ? `${shown} of ${items.length} shown` : "Nothing fits this filter.";
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", event => event.preventDefault());
}
