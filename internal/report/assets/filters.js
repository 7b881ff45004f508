// The controls of the list: a search field, one group of boxes per facet, and what is chosen.

const search = el("input", { type: "search", id: "q", autocomplete: "off", spellcheck: "false", placeholder: "name, id, ARN, tag, message, path" });
const chips = el("ul", { class: "chips", "aria-label": "Filters in force" });
const groups = new Map();

const chosenWords = (f) => {
  const values = state.chosen.get(f.key);
  if (!values) return "any";
  const words = [...values].map((v) => (f.at.has(v) ? f.words[f.at.get(v)] : v));
  return words.length > 2 ? words.length + " chosen" : words.join(", ");
};

// change lets the user's choice act: a new entry in the history, or the current one changed while somebody types.
const change = (next, replace) => {
  state = next;
  const fragment = "#" + format(state);
  if (replace) history.replaceState(null, "", fragment);
  else history.pushState(null, "", fragment);
  show();
};

const copyState = () => ({ chosen: new Map([...state.chosen].map(([k, v]) => [k, new Set(v)])), q: state.q, id: state.id });

const choose = (key, val, on) => {
  const next = copyState();
  const values = next.chosen.get(key) || new Set();
  if (on) values.add(val);
  else values.delete(val);
  if (values.size > 0) next.chosen.set(key, values);
  else next.chosen.delete(key);
  change(next, false);
};

const group = (f) => {
  const summary = el("summary", {}, el("span", { class: "label", text: f.label }), " ", el("span", { class: "chosen", text: "any" }));
  const boxes = f.keys.map((k, i) => {
    const input = el("input", { type: "checkbox", value: k, change: (e) => choose(f.key, k, e.target.checked) });
    const count = el("span", { class: "n" });
    return { input, count, label: el("label", {}, input, el("span", { class: "word", text: f.words[i] }), count) };
  });
  const box = el("details", { class: "facet" }, summary, el("fieldset", {}, el("legend", { class: "hidden", text: f.label }), boxes.map((b) => b.label)));
  box.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && box.open) {
      box.open = false;
      summary.focus();
    }
  });
  box.addEventListener("toggle", () => {
    if (box.open) for (const [, other] of groups) if (other.box !== box) other.box.open = false;
  });
  return { f, box, summary, boxes };
};

document.addEventListener("click", (e) => {
  for (const [, g] of groups) if (g.box.open && !g.box.contains(e.target)) g.box.open = false;
});

const buildFilters = () => {
  let typing = false, timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const next = copyState();
      next.q = search.value.trim();
      change(next, typing);
      typing = true;
    }, 120);
  });
  search.addEventListener("blur", () => { typing = false; });
  const form = el("form", { class: "filters", role: "search", "aria-label": "Filter the findings", submit: (e) => e.preventDefault() },
    el("label", { class: "search" }, el("span", { class: "label", text: "Search" }), search));
  for (const f of facets) {
    if (f.keys.length < 2 && f.key !== "status" || f.key === "change" && !meta.compared) continue;
    const g = group(f);
    groups.set(f.key, g);
    form.append(g.box);
  }
  return form;
};

// showFilters shows the state in the controls.
const showFilters = (counts) => {
  if (search.value.trim() !== state.q) search.value = state.q;
  facets.forEach((f, at) => {
    const g = groups.get(f.key);
    if (!g) return;
    const values = state.chosen.get(f.key);
    g.summary.querySelector(".chosen").textContent = chosenWords(f);
    g.box.classList.toggle("on", Boolean(values));
    g.boxes.forEach((b, i) => {
      b.input.checked = Boolean(values && values.has(f.keys[i]));
      b.count.textContent = number(counts[at][i]);
      b.label.hidden = counts[at][i] === 0 && !b.input.checked && f.keys.length > 12;
      b.label.classList.toggle("zero", counts[at][i] === 0);
    });
  });
  chips.replaceChildren();
  const chip = (text, remove) => chips.append(el("li", {}, el("button", { type: "button", "aria-label": "Remove the filter " + text, click: remove },
    el("bdi", { text: text.slice(0, 80) }), el("span", { "aria-hidden": "true", text: " ×" }))));
  for (const f of facets) {
    for (const v of state.chosen.get(f.key) || []) {
      const at = f.at.get(v);
      chip(f.label + ": " + (at === undefined ? v + " (none here)" : f.words[at]), () => choose(f.key, v, false));
    }
  }
  if (state.q !== "") chip("text: " + state.q, () => change({ ...copyState(), q: "" }, false));
  if (state.id !== "") chip("one finding: " + state.id, () => change({ ...copyState(), id: "" }, false));
  if (chips.childNodes.length > 1) chips.append(el("li", {}, el("button", { type: "button", class: "clear", text: "Clear all", click: () => change(empty(), false) })));
  chips.hidden = chips.childNodes.length === 0;
};
