// Looks for a receipt in the list of a round and adds the list up to its Merkle root, all in this browser: whoever keeps
// the server does not learn which receipt belongs to whom.

const form = document.getElementById("check");
const BATCH = 2000;

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

function say(...verdicts) {
  for (const part of form.querySelectorAll("[data-verdict]")) part.hidden = !verdicts.includes(part.dataset.verdict);
}

async function hashed(pieces) {
  const found = [];
  for (let at = 0; at < pieces.length; at += BATCH) found.push(...(await Promise.all(pieces.slice(at, at + BATCH).map(sha256))));
  return found;
}

/** As RFC 6962 separates leaves (0) and nodes (1); an odd node moves up unchanged. */
export async function merkleRoot(receipts) {
  if (!receipts.length) return hex(await sha256(new Uint8Array()));
  let level = await hashed(receipts.map((one) => new Uint8Array([0, ...unhex(one)])));
  while (level.length > 1) {
    const pairs = [];
    for (let at = 0; at + 1 < level.length; at += 2) pairs.push(new Uint8Array([1, ...level[at], ...level[at + 1]]));
    level = [...(await hashed(pairs)), ...(level.length % 2 ? [level.at(-1)] : [])];
  }
  return hex(level[0]);
}

async function check() {
  const receipt = form.querySelector("#receipt").value.toLowerCase().match(/(?:[0-9a-f]\s*){64}/)?.[0].replace(/\s/g, "");
  if (!receipt) return say("malformed");
  say("loading");
  const response = await fetch(form.dataset.list, { credentials: "omit" });
  if (!response.ok) return say("offline");
  const list = (await response.text()).split("\n").filter(Boolean);
  const at = list.indexOf(receipt);
  const found = at < 0 ? "absent" : "inside";
  const inside = form.querySelector('[data-verdict="inside"]');
  inside.dataset.words ??= inside.textContent;
  inside.textContent = inside.dataset.words.replace("#", at + 1);
  if (!globalThis.crypto?.subtle) return say(found, "noroot");
  say(found, "adding");
  return say(found, (await merkleRoot(list)) === form.dataset.root ? "root" : "otherroot");
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check().catch(() => say("offline"));
  });
}
