// The rater's screens for whoever looks at a questionnaire: they turn as they do for a rater, nothing is kept or sent.

const { Steps } = await import(document.querySelector("script[data-steps]").dataset.steps);

/** Two of these may stand in one window, whose history they share: each keeps its own way back. */
class Screens extends Steps {
  behind = [];

  go(at, focus) {
    this.behind.push(this.at);
    this.show(at, focus);
  }

  back() {
    this.show(this.behind.pop() ?? 0);
  }
}

const page = document.querySelector("[data-page]");
const screens = new Screens(page);
screens.screens.forEach((screen, at) => (screen.hidden = at !== 0)); // not shown by show(): the focus stays outside
screens.sending.hidden = true;
if (isSecureContext) {
  for (const part of page.querySelectorAll(".no-seal")) part.hidden = true;
  for (const part of page.querySelectorAll(".sealed")) part.hidden = false;
}

const nothing = document.querySelector("#nothing");
document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.id === "answers" && screens.at !== screens.last) return screens.next();
  if (event.target.id === "answers" && !screens.complete()) return;
  nothing.hidden = false;
  nothing.scrollIntoView({ block: "nearest" });
});
document.addEventListener("change", () => (nothing.hidden = true));
