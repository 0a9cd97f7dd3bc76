// The rater's page. The secret of a link stays in this tab: it is taken out of the address bar at once, and the server
// gets a token derived from it. Answers are sealed here; the exact bytes are kept until the server confirms them.

// Both are here before anything is shown: no screen flashes by, and sealing needs no network any more.
const here = document.querySelector("script[data-hpke]").dataset;
const [{ Steps }, { seal }] = await Promise.all([import(here.steps), import(here.hpke)]);
const canSeal = Boolean(globalThis.isSecureContext && crypto.subtle);
const KEPT = "cermin";

let credential = null; // what /s/open and /s/submit are told; never rendered anywhere
let steps = null;
let ballot = null; // sealed bytes in base64url, the same for every try
let remembered = []; // chosen answers, put back when the survey is shown again
let unsaved = false;

const b64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const unb64 = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** The credentials of what lies in the fragment (`secret.signature`) or was typed (`code`). */
async function credentialsOf({ fragment, code }) {
  if (code) return { code };
  const [secret, signature] = fragment.split(".");
  if (!canSeal) return { secret, signature };
  const label = new TextEncoder().encode("cermin link v1\n");
  const token = await sha256(new Uint8Array([...label, ...unb64(secret)]));
  return { token: b64(token), signature };
}

async function post(path, values) {
  const asJson = path === "/s/submit";
  const response = await fetch(path, {
    method: "POST",
    body: asJson ? JSON.stringify(values) : new URLSearchParams(values),
    headers: { Accept: "text/html", ...(asJson && { "Content-Type": "application/json" }) },
    credentials: "omit",
    cache: "no-store",
    signal: AbortSignal.timeout(30000),
  });
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!next.querySelector("[data-page]")) throw new Error("no page");
  return next;
}

/** Put a page that the server sent into this one, and take it over. */
function swap(next) {
  document.documentElement.lang = next.documentElement.lang;
  document.title = next.title;
  document.body.replaceChildren(...[...next.body.childNodes].map((node) => document.adoptNode(node)));
  steps = null;
  begin();
}

function begin() {
  const page = document.querySelector("[data-page]");
  if (!page) return;
  if (page.dataset.page === "survey") beginSurvey(page);
  if (page.dataset.page === "done") forget();
  if (canSeal) {
    for (const part of page.querySelectorAll(".no-seal")) part.hidden = true;
    for (const part of page.querySelectorAll(".sealed")) part.hidden = false;
  }
  const copy = page.querySelector("[data-copy]");
  if (copy && navigator.clipboard) copy.hidden = false;
  if (!steps && page.dataset.page !== "start") {
    scrollTo(0, 0);
    page.querySelector("h1")?.focus();
  }
}

function beginSurvey(page) {
  steps = new Steps(page);
  steps.restore(remembered);
  const first = page.querySelector(".step .fault");
  const at = first ? steps.screens.indexOf(first.closest("[data-screen]")) : 0;
  history.replaceState({ screen: at }, "");
  steps.show(at, first?.closest("fieldset").id);
  steps.form.addEventListener("change", () => {
    unsaved = true;
    ballot = null;
    remembered = steps.kept;
  });
}

function forget() {
  unsaved = false;
  remembered = [];
  ballot = null;
  credential = null;
  sessionStorage.removeItem(KEPT);
}

/** Open a link or a code; the page stays as it is and offers another try when the network fails. */
async function open(source, lang = "") {
  const waiting = document.getElementById("waiting");
  const stuck = document.getElementById("stuck");
  document.getElementById("by-code")?.toggleAttribute("hidden", true);
  waiting?.removeAttribute("hidden");
  stuck?.toggleAttribute("hidden", true);
  try {
    credential = await credentialsOf(source).catch(() => ({ code: "?" }));
    const next = await post("/s/open", { ...credential, lang });
    if (next.querySelector('[data-code="unknown_link"]')) sessionStorage.removeItem(KEPT);
    swap(next);
  } catch {
    trouble(true);
    if (!stuck) return;
    waiting.hidden = true;
    stuck.hidden = false;
    stuck.querySelector("[data-retry]").onclick = () => open(source, lang);
    stuck.querySelector("[data-retry]").focus();
  }
}

/** Another language: the same screen with the same answers. */
async function speak(lang) {
  const at = steps.at;
  try {
    const next = await post("/s/open", { ...(credential ?? ticket()), lang });
    swap(next);
    if (!steps) return;
    history.replaceState({ screen: at }, "");
    steps.show(at);
  } catch {
    trouble(true);
  }
}

const ticket = () => ({ ticket: document.querySelector('input[name="ticket"]').value });

async function sealed(page) {
  const plain = new Uint8Array(Number(page.dataset.length)).fill(255);
  const answers = steps.answers(Number(page.dataset.questions));
  if (steps.asked.some((at) => !(answers[at] < 255))) throw new Error("an answer is missing");
  plain.set([1, ...answers]);
  return b64(await seal(unb64(page.dataset.key), unb64(page.dataset.bound), plain));
}

async function send() {
  if (!steps.complete()) return;
  const button = document.querySelector("[data-send]");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.sending;
  trouble(false);
  try {
    ballot ??= await sealed(document.querySelector("[data-page]"));
    const values = { ...(credential ?? ticket()), ballot, lang: document.documentElement.lang };
    const next = await twice(() => post("/s/submit", values));
    unsaved = false;
    swap(next);
  } catch {
    button.removeAttribute("aria-disabled");
    button.textContent = button.dataset.again;
    trouble(true);
  }
}

async function twice(work) {
  try {
    return await work();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return work();
  }
}

/** The network failed: say so wherever the rater is on the page. */
function trouble(is) {
  document.getElementById("trouble").hidden = !is;
}

/** Every other form of ours: decline, relationship, undo, typed code, language of a dead end. */
async function follow(form, submitter) {
  const values = new FormData(form, submitter);
  const path = new URL(submitter?.getAttribute("formaction") ?? form.action, location.href).pathname;
  if (form.id === "code-form") return typed(values.get("code"), values.get("lang"));
  try {
    const next = await post(path, values);
    if (next.querySelector('[data-page="aside"]')) history.pushState({ aside: true }, "");
    swap(next);
    return undefined;
  } catch {
    return HTMLFormElement.prototype.submit.call(form);
  }
}

function typed(code, lang) {
  sessionStorage.setItem(KEPT, JSON.stringify({ code }));
  return open({ code }, lang);
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches('[action^="/s/"]') || form.action.endsWith("/s/resend")) return;
  const serverSeals = form.id === "answers" && !canSeal && steps.at === steps.last && submitter?.name !== "to";
  if (serverSeals && steps.complete()) {
    unsaved = false;
    return;
  }
  event.preventDefault();
  if (form.id !== "answers") follow(form, submitter);
  else if (submitter?.name === "to" && submitter.value !== document.documentElement.lang) speak(submitter.value);
  else if (steps.at !== steps.last) steps.next();
  else if (submitter?.name !== "to") send();
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(copy.dataset.copy);
  copy.textContent = copy.dataset.copied;
});

addEventListener("popstate", (event) => {
  if (steps && typeof event.state?.screen === "number") steps.show(event.state.screen);
  else if (event.state && (credential || document.querySelector('input[name="ticket"]')))
    post("/s/open", { ...(credential ?? ticket()), lang: document.documentElement.lang }).then(swap, () => trouble(true));
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

/** Take the link out of the address bar, keep it for this tab, open it. */
function arrive() {
  const lang = new URLSearchParams(location.search).get("lang") ?? "";
  const fragment = location.hash.slice(1);
  const isLink = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(fragment);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  if (isLink) sessionStorage.setItem(KEPT, JSON.stringify({ fragment }));
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  document.querySelector('[data-page="start"]')?.classList.add("ready");
  if (kept && location.pathname === "/s") open(kept, lang);
  else begin();
}

addEventListener("hashchange", () => {
  if (location.hash.length > 40) location.reload();
});
arrive();
