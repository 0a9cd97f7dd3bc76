// A form that was left half-way is there again: kept in this browser only, until what was sent is seen to have been
// taken, or somebody signs out. A form says with data-keep which state of the record it began from; what was typed on
// another state is let go. With data-answered it is the answer to what was sent, which shows what was typed itself;
// data-taken names the page whose form was taken when this one is shown.
(function () {
  "use strict";
  const prefix = "cermin.keep.";
  const key = prefix + location.pathname;
  const form = document.querySelector("form[data-keep]");
  const fields = () => [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit"].includes(one.type));
  const value = (one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : one.value);
  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(name) || "null");
    } catch {
      return null;
    }
  };
  const keep = (sent) => {
    const values = Object.fromEntries(fields().map((one) => [one.id || one.name, value(one)]));
    localStorage.setItem(key, JSON.stringify({ state: form.dataset.keep, values, sent }));
  };
  const forget = (which) => {
    for (const name of Object.keys(localStorage)) if (name.startsWith(prefix) && which(name)) localStorage.removeItem(name);
  };
  const restore = (values) => {
    let changed = false;
    for (const one of fields()) {
      const kept = values[one.id || one.name];
      if (kept === undefined || kept === value(one)) continue;
      if (typeof kept === "boolean") one.checked = kept;
      else one.value = kept;
      changed = true;
    }
    const notice = form.querySelector("[data-kept]");
    if (changed && notice) notice.hidden = false;
  };
  const out = document.querySelector("form[action='/console/sign-out']");
  if (out) out.addEventListener("submit", () => forget(() => true));
  if (!form) return;
  forget((name) => name === prefix + form.dataset.taken && read(name)?.sent);
  const kept = read(key);
  if ("answered" in form.dataset) keep(false);
  else if (kept && kept.state === form.dataset.keep) restore(kept.values);
  else localStorage.removeItem(key);
  form.addEventListener("input", () => keep(false));
  form.addEventListener("submit", () => keep(true));
})();
