// A form that was left half-way is there again: kept in this browser only, until it is sent or somebody signs out.
// A form says with data-keep which state of the record it began from; what was typed on another state is let go.
(function () {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = "cermin.keep." + location.pathname;
  const fields = () => [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit"].includes(one.type));
  const value = (one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : one.value);
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "null");
      return kept && kept.state === form.dataset.keep ? kept.values : null;
    } catch {
      return null;
    }
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
  const answered = document.querySelector("[role=alert]");
  const kept = answered ? null : read();
  if (kept) restore(kept);
  form.addEventListener("input", () => {
    const values = Object.fromEntries(fields().map((one) => [one.id || one.name, value(one)]));
    localStorage.setItem(key, JSON.stringify({ state: form.dataset.keep, values }));
  });
  form.addEventListener("submit", () => localStorage.removeItem(key));
  const out = document.querySelector("form[action='/console/sign-out']");
  if (out) {
    out.addEventListener("submit", () => {
      for (const name of Object.keys(localStorage)) if (name.startsWith("cermin.keep.")) localStorage.removeItem(name);
    });
  }
})();
