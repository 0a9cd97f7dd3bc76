// One screen at a time: landing, one behaviour per step, review. The browser's Back goes one screen back.

export class Steps {
  /** `page` is the survey; the screens are its `data-screen` elements in order. */
  constructor(page) {
    this.page = page;
    this.screens = [...page.querySelectorAll("[data-screen]")];
    this.form = page.querySelector("#answers");
    this.sending = page.querySelector("#sending");
    this.saved = page.querySelector("#saved");
    this.title = document.title;
    this.at = 0;
    this.mending = false; // came from the review: Next goes back there
    for (const part of page.querySelectorAll(".steps-only")) part.hidden = false;
    page.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("change", (event) => this.chosen(event.target));
  }

  get last() {
    return this.screens.length - 1;
  }

  clicked(event) {
    const target = event.target.closest("[data-next], [data-back], [data-go]");
    if (!target) return;
    event.preventDefault();
    if ("back" in target.dataset) this.back();
    else if ("next" in target.dataset) this.next();
    else {
      this.mending = this.at === this.last;
      this.go(Number(target.dataset.go), target.dataset.focus);
    }
  }

  next() {
    this.go(this.mending ? this.last : this.at + 1);
  }

  back() {
    history.back();
  }

  /** Show a screen and remember it, so that Back returns here. */
  go(at, focus) {
    history.pushState({ screen: at }, "");
    this.show(at, focus);
  }

  show(at, focus) {
    this.at = Math.max(0, Math.min(at, this.last));
    this.screens.forEach((screen, place) => (screen.hidden = place !== this.at));
    this.sending.hidden = this.at !== this.last;
    this.saved.classList.toggle("unseen", this.at === 0);
    this.page.querySelector("#review-faults").hidden = true;
    if (this.at === this.last) {
      this.mending = false;
      this.review();
    }
    const next = this.screens[this.at].querySelector("[data-next]");
    if (next) next.textContent = this.mending ? next.dataset.review : next.dataset.next;
    const heading = this.screens[this.at].querySelector("h1, h2");
    heading.ariaLevel = "1"; // the only screen that is shown
    const count = this.screens[this.at].querySelector(".step-count")?.textContent ?? "";
    document.title = this.at ? [count, heading.textContent, "Cermin"].filter(Boolean).join(" · ") : this.title;
    const target = focus ? document.getElementById(focus) : heading;
    if (!focus) scrollTo(0, 0);
    (target?.querySelector("input") ?? target)?.focus({ preventScroll: !focus });
    target?.scrollIntoView?.({ block: focus ? "center" : "nearest" });
  }

  chosen(input) {
    const fieldset = input.closest("fieldset");
    fieldset.querySelector(".fault")?.remove();
    fieldset.removeAttribute("aria-describedby");
  }

  /** The number chosen for an item, undefined when none is. */
  answer(at) {
    const input = this.form.querySelector(`input[name="q${at}"]:checked`);
    return input ? Number(input.value) : undefined;
  }

  get asked() {
    return [...this.form.querySelectorAll("fieldset.item")].map((fieldset) => Number(fieldset.id.slice(1)));
  }

  get missing() {
    return this.asked.filter((at) => this.answer(at) === undefined);
  }

  /** One number per item of the questionnaire in order; 255 where it is not asked. */
  answers(items) {
    return Array.from({ length: items }, (_, at) => this.answer(at) ?? 255);
  }

  /** Put answers back, one number per item; what is not asked or not answered is left as it is. */
  restore(answers) {
    answers.forEach((value, at) => {
      const input = this.form.querySelector(`input[name="q${at}"][value="${value}"]`);
      if (input) input.checked = true;
    });
    if (this.at === this.last) this.review();
  }

  /** Let Start lead to the first question without an answer, or to the review when there is none. */
  resume() {
    const missing = this.missing[0];
    const start = this.page.querySelector("[data-resume]");
    start.textContent = start.dataset.resume;
    start.dataset.go = missing === undefined ? this.last : this.screens.indexOf(this.form.querySelector(`#q${missing}`).closest("[data-screen]"));
    this.page.querySelector("#resumed").hidden = false;
  }

  review() {
    for (const place of this.page.querySelectorAll("[data-chosen]")) {
      const input = this.form.querySelector(`input[name="q${place.dataset.chosen}"]:checked`);
      place.textContent = input ? input.parentElement.textContent.trim() : place.dataset.none;
      place.classList.toggle("unanswered", !input);
    }
  }

  /** Say how many answers are missing, with a button to the first. Returns whether all are there. */
  complete() {
    const missing = this.missing;
    const box = this.page.querySelector("#review-faults");
    if (!missing.length) return true;
    const words = missing.length === 1 ? box.dataset.one : box.dataset.many.replace("#", missing.length);
    const first = this.form.querySelector(`#q${missing[0]}`);
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button second", textContent: box.dataset.first });
    button.dataset.go = this.screens.indexOf(first.closest("[data-screen]"));
    button.dataset.focus = first.id;
    const sentence = document.createElement("p");
    sentence.textContent = words;
    box.replaceChildren(sentence, button);
    box.hidden = false;
    button.focus();
    return false;
  }
}
