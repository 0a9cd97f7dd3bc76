// The rater's page. The secret of a link stays in this tab: it is taken out of the address bar at once, and the server
// gets a token derived from it. Answers are sealed here; the exact bytes are kept until the server confirms them.

// All are here before anything is shown: no screen flashes by, and sealing needs no network any more.
const here = document.querySelector("script[data-hpke]").dataset;
const [{ Steps }, { seal }, { b64, unb64, sha256, read, readList, linkOfList, isListCode }, { Draft }] = await Promise.all(
  [here.steps, here.hpke, here.link, here.draft].map((part) => import(part)),
);
const canSeal = Boolean(globalThis.isSecureContext && crypto.subtle);
const KEPT = "cermin";

let list = null; // the list that links are taken from: its secret and what the server is told of it
let credential = null; // what the server is told to find the link; never rendered anywhere
let key = null; // for the draft; only where the browser can seal
let steps = null;
let draft = null;
let ballot = null; // sealed bytes in base64url, the same for every try
let unsaved = false;
let tab = {}; // of this tab only: the link, code or list, the answers chosen, and those last known to be saved
let byPerson = false; // the last press of Send was no script's

/** Change what this tab remembers; a browser that forbids storage forgets it with the page. */
function remember(changes) {
  tab = { ...tab, ...changes };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(tab));
  } catch {}
}

function recall() {
  try {
    tab = JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {}
}

const SOURCE = ["fragment", "code", "list", "listCode", "at"];
const listed = () => Boolean(tab.list || tab.listCode);
const theList = () => ({ list: tab.list, listCode: tab.listCode });

/** Another link forgets the answers of the one before it; on a list those of every form are kept. */
function use(source) {
  if (SOURCE.every((part) => source[part] === tab[part])) return;
  const same = source.list === tab.list && source.listCode === tab.listCode;
  const kept = same && listed() ? keptAnswers() : {};
  if (!same) list = null;
  tab = { ...source, kept, ...kept[source.at] };
  remember({});
}

const keptAnswers = () => (tab.answers && tab.at ? { ...tab.kept, [tab.at]: { answers: tab.answers, base: tab.base } } : { ...tab.kept });

const ask = (path, body, headers = {}) =>
  fetch(path, {
    method: "POST",
    body,
    headers: { Accept: "text/html", ...headers },
    credentials: "omit",
    cache: "no-store",
    keepalive: true, // the last draft leaves with the tab
    signal: AbortSignal.timeout(30000),
  });
const askJson = (path, values) => ask(path, JSON.stringify(values), { "Content-Type": "application/json" });

async function post(path, values) {
  const response = await (path === "/s/submit" ? askJson(path, values) : ask(path, new URLSearchParams(values)));
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!next.querySelector("[data-page]")) throw new Error("no page");
  return next;
}

/** Put a page that the server sent into this one, and take it over. */
function swap(next) {
  document.documentElement.lang = next.documentElement.lang;
  document.title = next.title;
  document.body.replaceChildren(...[...next.body.childNodes].map((node) => document.adoptNode(node)));
  draft?.stop();
  steps = draft = null;
  begin();
}

function begin() {
  const page = document.querySelector("[data-page]");
  if (!page) return;
  if (page.dataset.page === "survey") beginSurvey(page);
  if (page.dataset.page === "list") beginList();
  const ofList = listed() && Boolean(tab.at);
  for (const part of page.querySelectorAll(".by-list")) part.hidden = !ofList;
  for (const part of page.querySelectorAll(".by-mail")) part.hidden = ofList;
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

/** A list, also one that the server found behind a typed code. */
function beginList() {
  if (!listed() && tab.code) use({ listCode: tab.code });
  credential = key = null;
  unsaved = false; // what was chosen waits in this tab
  history.replaceState({ list: true }, "");
}

function beginSurvey(page) {
  steps = new Steps(page);
  steps.restore(tab.answers ?? []);
  const first = page.querySelector(".step .fault");
  const at = first ? steps.screens.indexOf(first.closest("[data-screen]")) : 0;
  history.replaceState({ screen: at }, "");
  steps.show(at, first?.closest("fieldset").id);
  if (key) beginDraft(page.dataset);
  else if (tab.answers) steps.resume();
  let person = true; // a program that clicks everything leaves no draft; its click says so, the change does not
  steps.form.addEventListener("click", (event) => (person = event.isTrusted));
  if (canSeal) steps.form.action = "/s/open"; // whoever sends the form past this script only looks again
  steps.form.addEventListener("change", () => {
    if (!person) return;
    unsaved = !draft;
    ballot = null;
    remember({ answers: chosen() });
    draft?.changed();
  });
}

const chosen = () => steps.answers(Number(document.querySelector("[data-page]").dataset.questions));

function beginDraft({ draft: kept, length, questions }) {
  const of = steps;
  draft = new Draft({
    key,
    kept: unb64(kept),
    length: Number(length),
    base: tab.base ?? Array(Number(questions)).fill(255),
    read: () => of.answers(Number(questions)),
    write: (answers) => of.restore(answers),
    post: saveDraft,
    tell: (state) => told(of, state),
  });
  draft.resume().then((any) => any && steps === of && of.resume());
}

/** Resolves to nothing when the draft is saved, to the server's when another device was faster. */
async function saveDraft(blob, kept) {
  const response = await askJson("/s/draft", { ...(credential ?? ticket()), draft: b64(blob), over: b64(await sha256(kept)) });
  if (response.status === 204) return null;
  if (!response.headers.get("Content-Type")?.includes("json")) throw new Error("not taken");
  return unb64((await response.json()).draft);
}

/** Say what became of the draft, and remember it in this tab. */
function told({ saved }, state) {
  unsaved = state === "unsaved" || state === "saving";
  if (!unsaved) remember({ base: draft.base, answers: draft.read() });
  saved.ariaLive = state === "unsaved" || state === "merged" ? "polite" : "off";
  saved.textContent = saved.dataset[state];
  saved.dataset.state = state;
  saved.hidden = false;
}

/** Forget a form that is done; what is left of a list stays. */
function forget() {
  unsaved = false;
  ballot = credential = key = null;
  if (!listed() || !tab.at) {
    list = null;
    tab = {};
    sessionStorage.removeItem(KEPT);
    return;
  }
  const { [tab.at]: _, ...kept } = tab.kept ?? {};
  tab = { ...theList(), kept };
  remember({});
}

/** What the server is told of a source, and the key for its draft. */
async function credentials(source) {
  if (!source.list && !source.listCode) return read(source, canSeal);
  list ??= await readList(source, canSeal);
  return source.at ? linkOfList(list, source.at) : { credential: list.credential, key: null };
}

/** Open a link or a code; the page stays as it is and offers another try when the network fails. */
async function open(source, lang = "") {
  const waiting = document.getElementById("waiting");
  const stuck = document.getElementById("stuck");
  document.getElementById("by-code")?.toggleAttribute("hidden", true);
  waiting?.removeAttribute("hidden");
  stuck?.toggleAttribute("hidden", true);
  try {
    const found = await credentials(source).catch(() => ({ credential: { code: "?" }, key: null }));
    const wanted = (source.list || source.listCode) && !source.at ? "/s/list" : "/s/open";
    const next = await post(wanted, { ...found.credential, lang });
    use(source);
    ({ credential, key } = found);
    if (next.querySelector('[data-code="unknown_link"]')) forget();
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

/** Back to the list; a choice that could not be saved yet waits in this tab. */
async function showList() {
  await draft?.save();
  if (!history.state?.list) history.pushState({ list: true }, "");
  return open(theList(), document.documentElement.lang);
}

/** A form of the list; where nothing can be derived its button brings a ticket along. */
async function openListed(form, submitter) {
  const source = { ...theList(), at: form.dataset.entry };
  history.pushState({ screen: 0 }, "");
  if (canSeal) return open(source, document.documentElement.lang);
  use(source);
  return follow(form, submitter);
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
  if (!byPerson || !steps.complete()) return; // a program that clicks everything sends nothing
  const button = document.querySelector("[data-send]");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.sending;
  trouble(false);
  draft?.stop(); // a submission takes the draft away; nothing may be saved after it
  try {
    ballot ??= await sealed(document.querySelector("[data-page]"));
    const values = { ...(credential ?? ticket()), ballot, lang: document.documentElement.lang };
    const next = await twice(() => post("/s/submit", values));
    unsaved = false;
    swap(next);
  } catch {
    if (draft) draft.stopped = false;
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

async function typed(code, lang) {
  if (canSeal && (await isListCode(code))) {
    use({ listCode: code });
    return open(tab, lang);
  }
  const { answers } = tab; // of a page that grew too old
  use({ code });
  if (document.querySelector('[data-code="expired"]') && answers) remember({ answers });
  return open({ code }, lang);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-send]")) byPerson = event.isTrusted;
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches('[action^="/s/"]') || form.action.endsWith("/s/resend")) return;
  const serverSeals = form.id === "answers" && !canSeal && steps.at === steps.last && submitter?.name !== "to";
  if (serverSeals && steps.complete()) {
    unsaved = false;
    return;
  }
  event.preventDefault();
  if (form.dataset.entry) openListed(form, submitter);
  else if (form.id !== "answers") follow(form, submitter);
  else if (submitter?.name === "to" && submitter.value !== document.documentElement.lang) speak(submitter.value);
  else if (steps.at !== steps.last) steps.next();
  else if (submitter?.name !== "to") send();
});

document.addEventListener("click", (event) => event.target.closest("[data-list]") && showList());

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(copy.dataset.copy);
  copy.textContent = copy.dataset.copied;
});

addEventListener("popstate", (event) => {
  if (steps && typeof event.state?.screen === "number") steps.show(event.state.screen);
  else if (listed() && (event.state?.list || document.querySelector('[data-page="list"], [data-page="done"]'))) showList();
  else if (event.state && (credential || document.querySelector('input[name="ticket"]')))
    post("/s/open", { ...(credential ?? ticket()), lang: document.documentElement.lang }).then(swap, () => trouble(true));
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
addEventListener("online", () => draft?.save());
addEventListener("visibilitychange", () => document.hidden && unsaved && draft?.save());

/** Take the link out of the address bar, keep it for this tab, open it. */
async function arrive() {
  const lang = new URLSearchParams(location.search).get("lang") ?? "";
  const fragment = location.hash.slice(1);
  const isLink = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(fragment);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  recall();
  if (isLink) use({ fragment });
  if (/^l\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(fragment)) use({ list: fragment });
  document.querySelector('[data-page="start"]')?.classList.add("ready");
  if (listed() && !canSeal) use(theList()); // a form of it is opened from it again
  const known = tab.fragment || tab.code || listed();
  if (known && location.pathname === "/s") return open(tab, lang);
  if (known) ({ credential, key } = await credentials(tab).catch(() => ({ credential: null, key: null })));
  return begin();
}

addEventListener("hashchange", () => {
  if (location.hash.length > 40) location.reload();
});
arrive();
