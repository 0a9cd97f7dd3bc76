// The draft: what was chosen so far, encrypted under a key that only the link gives, so that any device with the link can
// go on. The server keeps bytes of one length and cannot tell a draft from noise. Each save names what it replaces, so
// two devices do not overwrite each other: what both changed is merged, answer by answer.

const NONE = 255;
const NONCE = 12;
const PAUSE = 700; // milliseconds after the last choice
const RETRY = 5000;

const same = (one, other) => one.length === other.length && one.every((value, at) => value === other[at]);
const label = new TextEncoder().encode("cermin draft v1");

/** What I changed since `base` counts, else what the other device has. */
export const merge = (base, mine, theirs) => mine.map((value, at) => (value !== base[at] ? value : theirs[at]));

export class Draft {
  /**
   * `kept` is the server's blob and `length` that of the plain text; `base` what this tab last knew to be saved;
   * `read()` gives the present answers and `write(answers)` puts answers back; `post(draft, kept)` resolves to nothing
   * when it was saved and to what the server has when that is not `kept`; `tell(state)` hears saving, saved, unsaved or
   * merged.
   */
  constructor({ key, kept, length, base, read, write, post, tell }) {
    Object.assign(this, { key, kept, length, base, read, write, post, tell });
    this.sent = null;
    this.timer = 0;
    this.stopped = false;
    this.busy = false;
    this.merged = false; // something of another device was added and is still to be told
  }

  get unsaved() {
    return !same(this.read(), this.base);
  }

  /** Take over what the server keeps; resolves to whether any answer is there now. */
  async resume() {
    await this.adopt(this.kept);
    if (this.unsaved) this.changed();
    return this.read().some((value) => value !== NONE);
  }

  /** Something was chosen: save soon. */
  changed() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.tell("saving");
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.stopped || this.busy) return;
    if (!this.unsaved) return this.tell("saved");
    this.busy = true;
    const state = await this.try().catch(() => "unsaved");
    this.busy = false;
    if (this.stopped) return;
    if (state === "unsaved") this.timer = setTimeout(() => this.save(), RETRY);
    else if (this.unsaved) return this.changed();
    this.tell(state === "saved" && this.merged ? "merged" : state);
    this.merged &&= state === "unsaved";
  }

  async try() {
    const answers = this.read();
    const blob = await this.close(answers);
    const before = this.sent;
    this.sent = { blob, answers };
    const present = await this.post(blob, this.kept);
    if (!present) [this.kept, this.base] = [blob, answers];
    else if (before && same(present, before.blob)) [this.kept, this.base] = [present, before.answers]; // ours: its answer was lost
    else this.merged = (await this.adopt(present)) || this.merged;
    return "saved";
  }

  /** Merge what the server has; resolves to whether anything changed on this page. */
  async adopt(blob) {
    const theirs = (await this.open(blob)) ?? this.base;
    const mine = this.read();
    const merged = merge(this.base, mine, theirs);
    this.kept = blob;
    this.base = theirs;
    this.write(merged);
    return !same(merged, mine);
  }

  /** Format, answers, padding; a fresh nonce before the ciphertext. */
  async close(answers) {
    const plain = new Uint8Array(this.length).fill(NONE);
    plain.set([1, ...answers]);
    const iv = crypto.getRandomValues(new Uint8Array(NONCE));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: label }, this.key, plain);
    return new Uint8Array([...iv, ...new Uint8Array(sealed)]);
  }

  /** The answers in a blob; null when it is noise. */
  async open(blob) {
    const how = { name: "AES-GCM", iv: blob.slice(0, NONCE), additionalData: label };
    try {
      const plain = new Uint8Array(await crypto.subtle.decrypt(how, this.key, blob.slice(NONCE)));
      return plain[0] === 1 ? [...plain.slice(1, 1 + this.read().length)] : null;
    } catch {
      return null;
    }
  }
}
