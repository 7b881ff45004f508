// The list, the page's address, printing, and the copy buttons of what the file holds without this script.

const PAGE = 100; // findings added at once
const PRINTED = 200; // findings printed at most

const count = el("p", { class: "count", role: "status", "aria-live": "polite" });
const listOf = el("ol", { class: "findings" });
const more = el("button", { type: "button", class: "more", click: () => addPage(true) });
const printed = el("p", { class: "printed" });
let found = [], listed = 0;

const plural = (n, one, many) => number(n) + " " + (n === 1 ? one : many);

const addPage = (focus) => {
  const from = listed;
  const part = document.createDocumentFragment();
  for (; listed < found.length && listed < from + PAGE; listed++) part.append(item(found[listed], state.id !== ""));
  listOf.append(part);
  more.hidden = listed >= found.length;
  more.textContent = "Show " + number(Math.min(PAGE, found.length - listed)) + " more of " + number(found.length - listed);
  if (focus && listOf.children[from]) listOf.children[from].querySelector("button").focus();
};

// show lists what the state asks for, and says how many there are.
const show = () => {
  const result = filter(state);
  found = result.found;
  listed = 0;
  listOf.replaceChildren();
  addPage(false);
  showFilters(result.counts);
  count.textContent = found.length === rows.length ? plural(rows.length, "finding", "findings") : number(found.length) + " of " + plural(rows.length, "finding", "findings");
};

// go follows the page's address. A fragment without "=" is a place in the page and leaves the filter alone.
const go = (scroll) => {
  const fragment = location.hash.slice(1);
  if (fragment !== "" && !fragment.includes("=")) return;
  state = parse(fragment);
  show();
  if (scroll && fragment !== "") {
    byId("list").scrollIntoView();
    byId("findings").focus({ preventScroll: true });
  }
};

byId("app").append(buildFilters(), chips, count, listOf, more, printed);
go(true);
performance.mark("ready");

// A link of the page leads to the list; going back and forward leaves the scrolling to the browser.
let followed = false;
document.addEventListener("click", (e) => {
  const link = e.target.closest("a[href^='#']");
  if (!link) return;
  followed = true;
  if (link.getAttribute("href") === location.hash) go(true);
});
window.addEventListener("hashchange", () => {
  go(followed);
  followed = false;
});

for (const pre of document.querySelectorAll("main pre")) {
  if (pre.closest("#app")) continue;
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", pre.id === "policy" ? "policy" : "command");
  pre.after(copyButton(pre.textContent, pre.id === "policy" ? "policy" : "command"));
}

// A table that scrolls sideways is reached by the keyboard.
const reachable = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
reachable();
window.addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);

// Printing: everything is opened, the list to a bound; afterwards it is as it was.
let closed = [];
const before = () => {
  closed = [...document.querySelectorAll("main details:not(.facet):not([open])")];
  for (const d of closed) d.open = true;
  const part = document.createDocumentFragment();
  for (const i of found.slice(0, PRINTED)) part.append(item(i, true));
  listOf.replaceChildren(part);
  printed.textContent = found.length > PRINTED
    ? "Printed: " + PRINTED + " of " + number(found.length) + " findings. Filter the list before printing, or take the JSON report for all of them."
    : "";
};
const after = () => {
  for (const d of closed) d.open = false;
  closed = [];
  printed.textContent = "";
  listed = 0;
  listOf.replaceChildren();
  addPage(false);
};
window.addEventListener("beforeprint", before);
window.addEventListener("afterprint", after);
