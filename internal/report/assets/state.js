// The data, and what of it is asked for. The page's address holds the filter: #status=fail&severity=critical,high&q=web.

const byId = (id) => document.getElementById(id);
const meta = JSON.parse(byId("meta").textContent);
const rows = JSON.parse(byId("rows").textContent);

// The places of a row, as the report's writer fills them.
const RULE = 0, STATUS = 1, SEVERITY = 2, ACCOUNT = 3, REGION = 4, OWNER = 5, KIND = 6, RESOURCE = 7, MESSAGE = 8, PRINT = 9, EVIDENCE = 10, EXTRA = 11;
// The places of a resource.
const TYPE = 0, ID = 1, ARN = 2, NAME = 3, KEY = 4, TAGS = 5;

const resources = [];
for (const row of rows) {
  if (Array.isArray(row[RESOURCE])) {
    resources.push(row[RESOURCE]);
    row[RESOURCE] = resources.length - 1;
  }
}

// order lists the rows as they are shown: by status, then by severity, then as the result has them.
const order = Uint32Array.from(rows.keys()).sort((a, b) => rows[a][STATUS] - rows[b][STATUS] || rows[a][SEVERITY] - rows[b][SEVERITY] || a - b);

// facet is one thing to filter by: of gives a row's place among the values, or -1.
const facet = (key, label, keys, words, of) => ({ key, label, keys, words, of, at: new Map(keys.map((k, i) => [k, i])) });

const ofRules = (key, label, name) => {
  const keys = [...new Set(meta.rules.map((r) => r[name]))];
  const places = meta.rules.map((r) => keys.indexOf(r[name]));
  return facet(key, label, keys, keys, (row) => places[row[RULE]]);
};

const facets = [
  facet("status", "Status", meta.statuses.map((s) => s[0]), meta.statuses.map((s) => s[1]), (row) => row[STATUS]),
  facet("severity", "Severity", meta.severities, meta.severities, (row) => row[SEVERITY]),
  ofRules("category", "Category", "category"),
  ofRules("layer", "Layer", "layer"),
  ofRules("service", "Service", "service"),
  ofRules("check", "Check", "id"),
  facet("account", "Account", meta.accounts, meta.accounts, (row) => row[ACCOUNT]),
  facet("region", "Region", meta.regions, meta.regions, (row) => row[REGION]),
  facet("owner", "Owner", meta.owners, meta.owners, (row) => row[OWNER]),
  facet("change", "Change", meta.kinds.map((k) => k[0]), meta.kinds.map((k) => k[1]), (row) => row[KIND]),
];
const facetByKey = new Map(facets.map((f) => [f.key, f]));

// state is the filter: the chosen values by facet (also such as no row has), the text searched, and one finding alone.
const empty = () => ({ chosen: new Map(), q: "", id: "" });
let state = empty();

const decode = (text) => {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
};

// listed values are parted by commas; a comma within one is escaped, and one that some program escaped parts them too.
const valuesOf = (f, text) => text.split(",").map(decode).flatMap((v) => (f.at.has(v) ? [v] : v.split(","))).filter((v) => v !== "");

const parse = (fragment) => {
  const s = empty();
  for (const part of fragment.split("&")) {
    const at = part.indexOf("=");
    const key = decode(part.slice(0, Math.max(at, 0))), text = part.slice(at + 1);
    if (key === "q") s.q = decode(text);
    else if (key === "id") s.id = decode(text);
    else if (facetByKey.has(key)) {
      const values = valuesOf(facetByKey.get(key), text);
      if (values.length > 0) s.chosen.set(key, new Set(values));
      else s.chosen.delete(key);
    }
  }
  return s;
};

const enc = (text) => encodeURIComponent(text).replace(/%20/g, "+");

const format = (s) => {
  const parts = [];
  for (const f of facets) {
    const values = s.chosen.get(f.key);
    if (values && values.size > 0) parts.push(f.key + "=" + [...values].map(enc).join(","));
  }
  if (s.q !== "") parts.push("q=" + enc(s.q));
  if (s.id !== "") parts.push("id=" + enc(s.id));
  return parts.join("&");
};

// Texts to search in, made when the first search asks for them.
let texts = null;
const textOf = (row) => {
  const rule = meta.rules[row[RULE]], r = resources[row[RESOURCE]];
  return [rule.id, rule.title, row[MESSAGE], r.slice(0, TAGS).join(" "), (r[TAGS] || []).flat().join(" "), row[EVIDENCE].flat(2).join(" "),
    meta.accounts[row[ACCOUNT]], meta.regions[row[REGION]], row[OWNER] < 0 ? "" : meta.owners[row[OWNER]]].join(" ").toLowerCase();
};

// filter gives the rows that match, and for each facet how many rows each of its values would give, the other facets
// being as they are.
const filter = (s) => {
  const words = s.q.toLowerCase().split(/\s+/).filter((w) => w !== "");
  if (words.length > 0 && texts === null) texts = rows.map(textOf);
  const wanted = facets.map((f) => {
    const values = s.chosen.get(f.key);
    if (!values) return null;
    const set = new Uint8Array(f.keys.length);
    for (const v of values) if (f.at.has(v)) set[f.at.get(v)] = 1;
    return set;
  });
  const counts = facets.map((f) => new Uint32Array(f.keys.length));
  const found = [];
  for (const i of order) {
    const row = rows[i];
    if (s.id !== "" && row[PRINT] !== s.id) continue;
    if (words.length > 0 && !words.every((w) => texts[i].includes(w))) continue;
    let misses = 0, missed = -1;
    for (let f = 0; f < facets.length && misses < 2; f++) {
      if (wanted[f] === null) continue;
      const at = facets[f].of(row);
      if (at < 0 || wanted[f][at] === 0) { misses++; missed = f; }
    }
    if (misses === 0) found.push(i);
    if (misses > 1) continue;
    for (let f = 0; f < facets.length; f++) {
      if (misses === 1 && f !== missed) continue;
      const at = facets[f].of(row);
      if (at >= 0) counts[f][at]++;
    }
  }
  return { found, counts };
};
