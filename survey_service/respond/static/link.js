// A link or a typed code, and what is derived from its secret: the token that names it, the key that only a draft is
// encrypted under. The secret itself never leaves the tab.

export const b64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const unb64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const labelled = (label, bytes) => sha256(new Uint8Array([...labels.encode(label), ...bytes]));
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET = 16;
const CODE = "cermin code v1\n";
const LIST_CODE = "cermin list code v1\n";
const labels = new TextEncoder();

/** The secret of a typed code of this kind; case, blanks, dashes and 0/1/8 for O/I/B are forgiven. Throws for any other slip. */
export async function readCode(text, kind = CODE) {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/[018]/g, (sign) => ({ 0: "O", 1: "I", 8: "B" })[sign]);
  const bytes = [];
  let kept = 0;
  let bits = 0;
  for (const sign of plain) {
    const value = ALPHABET.indexOf(sign);
    if (value < 0) throw new Error("no sign of a code");
    kept = ((kept << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((kept >> (bits -= 8)) & 255);
  }
  const secret = new Uint8Array(bytes.slice(0, SECRET));
  const check = (await labelled(kind, secret)).slice(0, 2);
  if (bytes.length !== SECRET + 2 || check[0] !== bytes[SECRET] || check[1] !== bytes[SECRET + 1]) throw new Error("mistyped");
  return secret;
}

/** What the server is told of `{ fragment }` or `{ code }`, and the key for the draft; without WebCrypto no key. */
export async function read({ fragment, code }, canSeal) {
  const [text, signature] = (fragment ?? ".").split(".");
  if (!canSeal) return { credential: code ? { code } : { secret: text, signature }, key: null };
  const secret = code ? await readCode(code) : unb64(text);
  const token = b64(await labelled("cermin link v1\n", secret));
  return { credential: code ? { typed: token } : { token, signature }, key: await draftKey(secret) };
}

export const isListCode = (text) => readCode(text, LIST_CODE).then(() => true, () => false);

/** The same for the list of `{ list }` (a fragment) or `{ listCode }`, with its secret, from which its links follow. */
export async function readList({ list, listCode }, canSeal) {
  const [, text, signature] = (list ?? "..").split(".");
  if (!canSeal) return { credential: listCode ? { code: listCode } : { secret: text, signature } };
  const secret = listCode ? await readCode(listCode, LIST_CODE) : unb64(text);
  const token = b64(await labelled("cermin list v1\n", secret));
  return { secret, credential: listCode ? { typed: token } : { token, signature } };
}

/** The link of one invitation of a list; the server that lists them cannot derive it. */
export async function linkOfList({ secret: root, credential: { token: list, signature } }, invitation) {
  const bytes = new Uint8Array([...root, ...labels.encode(invitation)]);
  const secret = (await labelled("cermin link of list v1\n", bytes)).slice(0, SECRET);
  const token = b64(await labelled("cermin link v1\n", secret));
  return { credential: list ? { token, list, signature } : { typed: token }, key: await draftKey(secret) };
}

async function draftKey(secret) {
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode("cermin draft key v1") };
  return crypto.subtle.deriveKey(how, root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
