// HPKE (RFC 9180), base mode, single shot: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM over WebCrypto.
// A sealed value is the encapsulated key (65 bytes) followed by the ciphertext, as shared/sealing.py opens it.

const utf8 = new TextEncoder();
const VERSION = utf8.encode("HPKE-v1");
const KEM = new Uint8Array([...utf8.encode("KEM"), 0x00, 0x10]);
const SUITE = new Uint8Array([...utf8.encode("HPKE"), 0x00, 0x10, 0x00, 0x01, 0x00, 0x01]);
const NOTHING = new Uint8Array();
const CURVE = { name: "ECDH", namedCurve: "P-256" };

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function hmac(key, data) {
  // WebCrypto refuses an empty key; HMAC pads with zeros, so one block of zeros is the same key.
  const raw = key.length ? key : new Uint8Array(32);
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

async function extract(suite, salt, label, key) {
  return hmac(salt, join(VERSION, suite, utf8.encode(label), key));
}

async function expand(suite, key, label, info, length) {
  // At most 32 bytes are ever asked for, which is one block of HKDF-SHA256.
  const labelled = join(new Uint8Array([length >> 8, length & 255]), VERSION, suite, utf8.encode(label), info);
  return (await hmac(key, join(labelled, new Uint8Array([1])))).slice(0, length);
}

/** What the key schedule takes of `info`; the server sends this instead of `info` itself. */
export async function infoHash(info) {
  return extract(SUITE, NOTHING, "info_hash", info);
}

/** The encapsulated key and the shared secret for a public key of 65 bytes. `ours` is given only by tests. */
export async function encapsulate(publicKey, ours) {
  const pair = ours ?? (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]));
  const theirs = await crypto.subtle.importKey("raw", publicKey, CURVE, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256));
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const pseudorandom = await extract(KEM, NOTHING, "eae_prk", shared);
  return { enc, secret: await expand(KEM, pseudorandom, "shared_secret", join(enc, publicKey), 32) };
}

/** Key and nonce of the first message under a shared secret. */
export async function schedule(secret, boundTo) {
  const context = join(new Uint8Array([0]), await extract(SUITE, NOTHING, "psk_id_hash", NOTHING), boundTo);
  const root = await extract(SUITE, secret, "secret", NOTHING);
  return {
    key: await expand(SUITE, root, "key", context, 16),
    nonce: await expand(SUITE, root, "base_nonce", context, 12),
  };
}

/** Seals `plain` to `publicKey`; `boundTo` is the info hash. Returns enc followed by ciphertext and tag. */
export async function seal(publicKey, boundTo, plain, associated = NOTHING, ours = undefined) {
  const { enc, secret } = await encapsulate(publicKey, ours);
  const { key, nonce } = await schedule(secret, boundTo);
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const how = { name: "AES-GCM", iv: nonce, additionalData: associated, tagLength: 128 };
  return join(enc, new Uint8Array(await crypto.subtle.encrypt(how, cipher, plain)));
}
