// One finding as elements. Everything is set as text: nothing of the data becomes markup.

const el = (tag, attributes, ...children) => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (k === "text") e.textContent = v;
    else if (typeof v === "function") e.addEventListener(k, v);
    else if (v !== null && v !== undefined && v !== false) e.setAttribute(k, v === true ? "" : v);
  }
  for (const c of children.flat()) if (c !== null && c !== undefined && c !== "") e.append(c);
  return e;
};

const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

// long values are cut, and shown whole on demand.
const LONG = 400;
const value = (text) => {
  const shown = el("bdi", { text: text.length > LONG ? [...text].slice(0, LONG).join("") + "…" : text });
  const box = el("div", { class: "value" }, shown);
  if (text.length > LONG) {
    box.append(" ", el("button", {
      type: "button", class: "link", text: "show all " + number([...text].length) + " characters",
      click: (e) => { shown.textContent = text; e.target.remove(); },
    }));
  }
  return box;
};

const chain = (links) => el("ol", { class: "chain" }, links.map((l) => el("li", {}, value(l))));

const copy = async (text, button) => {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = el("textarea", { class: "hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = button.dataset.label;
  button.textContent = done ? "Copied" : "Not copied: select the text";
  setTimeout(() => { button.textContent = before; }, 2000);
};

const copyButton = (text, what) => {
  const label = "Copy " + what;
  const b = el("button", { type: "button", class: "copy", "data-label": label, text: label, click: () => copy(text, b) });
  return b;
};

const code = (text, what) => el("div", { class: "copyable" }, el("pre", { tabindex: "0", "aria-label": what }, el("code", { text })), copyButton(text, what));

const line = (term, ...texts) => el("div", {}, el("dt", { text: term }), el("dd", {}, texts.flat().map((t) => (typeof t === "string" ? value(t) : t))));

const nameOf = (r) => {
  const id = r[KEY] !== "" && r[KEY] !== r[ID] ? r[ID] + "/" + r[KEY] : r[ID];
  return r[NAME] === "" || r[NAME] === r[ID] ? id : id + " (" + r[NAME] + ")";
};

const evidence = (list) => {
  if (list.length === 0) return null;
  return [el("h3", { text: "Evidence" }), el("table", { class: "evidence" }, el("tbody", {}, list.map(([key, ...items]) =>
    el("tr", {}, el("th", { scope: "row", text: key }), el("td", {}, items.length === 0
      ? el("div", { class: "value none", text: "none" })
      : items.map((i) => (Array.isArray(i) ? chain(i) : value(i))))))))];
};

const why = (reason) => {
  if (!reason) return null;
  const out = [el("h3", { text: "Why it is unknown" }), value(reason.text)];
  if (reason.outcome === "denied" && reason.action) out.push(el("p", {}, "Add the permission ", el("code", { text: reason.action }), "."));
  return out;
};

const notes = (x) => {
  const out = [];
  if (x.suppression) {
    out.push(el("h3", { text: "Accepted by an exception" }), el("dl", { class: "facts" },
      line("Reason", x.suppression.reason), line("Owner", x.suppression.owner), line("Until", x.suppression.expires)));
  }
  if (x.attestation) {
    out.push(el("h3", { text: "Attested: somebody's word, not verified" }), el("dl", { class: "facts" },
      line("By", x.attestation.by), line("On", x.attestation.at), line("Evidence", x.attestation.evidence), line("Until", x.attestation.expires)));
  }
  if (x.history) {
    const h = x.history;
    const ticket = { none: "none", open: "open", held: "held back, to be opened by a later run" }[h.ticket] || h.ticket;
    out.push(el("h3", { text: "History" }), el("dl", { class: "facts" }, line("First seen", h.first_seen), line("Last seen", h.last_seen),
      line("Last failed", h.last_failed || "never"), line("Ticket", h.ticket_key ? ticket + ", " + h.ticket_key : ticket)));
  }
  return out;
};

const remedy = (row, rule, x) => {
  const status = meta.statuses[row[STATUS]][0];
  if (status !== "fail" && status !== "accepted") {
    return status === "manual" || status === "attested" ? [el("h3", { text: "What to answer" }), el("p", { text: rule.text })] : null;
  }
  const out = [el("h3", { text: "How to mend it" }), el("p", { text: rule.text })];
  if (x.command) {
    const region = meta.regions[row[REGION]];
    const where = region === "global" ? "" : ", in " + region;
    out.push(el("p", { class: "why", text: "As account " + meta.accounts[row[ACCOUNT]] + where + (/<[a-z]/.test(x.command) ? "; what stands in <angle brackets> is yours to fill in:" : ":") }),
      code(x.command, "command"));
  }
  return out;
};

// detail is what an opened finding shows.
const detail = (row) => {
  const rule = meta.rules[row[RULE]], r = resources[row[RESOURCE]], x = row[EXTRA] || {};
  const link = location.href.split("#")[0] + "#id=" + row[PRINT];
  const tags = r[TAGS] === null ? "not read" : r[TAGS].length === 0 ? "none" : r[TAGS].map(([k, v]) => k + " = " + v);
  return el("div", { class: "detail" },
    el("p", { class: "check" }, rule.title + " ", el("code", { text: rule.id })),
    row[MESSAGE].length > LONG ? value(row[MESSAGE]) : null,
    why(x.reason),
    evidence(row[EVIDENCE]),
    notes(x),
    rule.risk ? [el("h3", { text: "Risk" }), el("p", { text: rule.risk })] : null,
    remedy(row, rule, x),
    el("h3", { text: "Resource" }),
    el("dl", { class: "facts" },
      line("Type", r[TYPE]), line("Id", r[ID]), r[KEY] ? line("Key", r[KEY]) : null, line("Name", r[NAME] || "none"), line("ARN", r[ARN]),
      line("Tags", tags), line("Account", meta.accounts[row[ACCOUNT]]), line("Region", meta.regions[row[REGION]]),
      line("Owner", row[OWNER] < 0 ? "not known" : meta.owners[row[OWNER]]),
      row[KIND] < 0 ? null : line("Since the last scan", meta.kinds[row[KIND]][1])),
    el("h3", { text: "Control" }),
    el("dl", { class: "facts" },
      line("Share", rule.category + ", " + rule.layer), line("Means the same as", rule.references.length > 0 ? rule.references.join(", ") : "no control of another framework"),
      rule.parameters.length > 0 ? line("Thresholds", rule.parameters.map(([k, v]) => k + " = " + v)) : null,
      line("Revision", String(rule.revision)), line("Fingerprint", row[PRINT])),
    el("p", { class: "actions" },
      /^https:\/\//.test(rule.url) ? el("a", { href: rule.url, rel: "noreferrer noopener", text: "AWS documentation" }) : null,
      copyButton(r[ARN], "ARN"), copyButton(link, "link"), copyButton(row[PRINT], "fingerprint")));
};

let made = 0;

// item is a finding in the list: a button that opens it.
const item = (i, open) => {
  const row = rows[i], rule = meta.rules[row[RULE]], r = resources[row[RESOURCE]];
  const [key, word] = meta.statuses[row[STATUS]];
  const severity = meta.severities[row[SEVERITY]] || "info";
  const id = "f" + made++;
  const places = [meta.regions[row[REGION]]];
  if (meta.accounts.length > 1) places.push(meta.accounts[row[ACCOUNT]]);
  const li = el("li", { class: "f" });
  const button = el("button", { type: "button", class: "head", "aria-expanded": "false", "aria-controls": id, click: () => toggle() },
    el("span", { class: "st s-" + key, text: word }), " ",
    el("span", { class: "sev v-" + severity, text: severity }), " ",
    el("span", { class: "what" }, el("span", { class: "clamp" }, el("bdi", { text: row[MESSAGE].slice(0, LONG) })),
      el("span", { class: "where" }, el("bdi", { text: nameOf(r).slice(0, LONG) }), " · " + rule.id + " · " + places.join(" · "),
        row[KIND] < 0 ? null : el("span", { class: "kind", text: meta.kinds[row[KIND]][1] }))));
  const panel = el("div", { id, hidden: true });
  const toggle = (to = button.getAttribute("aria-expanded") !== "true") => {
    if (to && panel.childNodes.length === 0) panel.append(detail(row));
    panel.hidden = !to;
    button.setAttribute("aria-expanded", String(to));
  };
  li.append(button, panel);
  if (open) toggle(true);
  return li;
};
