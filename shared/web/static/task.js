// A page that waits for long work: the bar follows it, and the page is loaded again once it is over.
const card = document.querySelector("[data-task]");
const bar = card.querySelector("progress");
const count = card.querySelector("[data-count]");

async function look() {
  try {
    const answer = await fetch(card.dataset.task, { cache: "no-store" });
    const told = await answer.json();
    if (!answer.ok || told.over) return location.reload();
    if (told.total) {
      bar.max = told.total;
      bar.value = told.done;
      count.textContent = `${told.done} / ${told.total}`;
    }
  } catch {
    // The network is away for a moment: the work goes on without this page.
  }
  setTimeout(look, 1000);
}
setTimeout(look, 500);
