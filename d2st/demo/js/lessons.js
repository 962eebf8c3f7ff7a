"use strict";
/* A lesson's step: what it speaks of is outlined and scrolled to, the stage shows what it means, and it has an address. */
d2st.lessons = (() => {
  const PATIENCE = 6000, EVERY = 150;  // milliseconds: a view below may still be drawn
  const outline = document.createElement("style");
  let box = null, shown = "", aim = 0;

  const address = (lesson, step) => {
    const to = new URL(location.href);
    for (const [name, value] of [["lesson", lesson], ["step", step]]) value ? to.searchParams.set(name, value) : to.searchParams.delete(name);
    return to;
  };
  const named = () => [new URL(location.href).searchParams.get("lesson"), new URL(location.href).searchParams.get("step")];

  /* The address follows the step. Where the address came first, as with Back, it is the same already. */
  function remember(lesson, step) {
    const [known, at] = named(), to = address(lesson, step);
    if (to.href === location.href) return;
    if (known === lesson && !at) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
  }

  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const seen = element => element && element.getBoundingClientRect().height > 0;

  /* Scrolls until what is meant stands below the box, as long as the person does not scroll. */
  function scrollTo(selector) {
    clearInterval(aim);
    const end = Date.now() + PATIENCE;
    let calm = 0;
    aim = setInterval(() => {
      const target = document.querySelector(selector);
      if (Date.now() > end) { clearInterval(aim); return; }
      if (!seen(target)) return;
      const beside = document.documentElement.classList.contains("present");  // where the box stands beside it
      const under = beside ? 12 : box.getBoundingClientRect().bottom + 12, place = target.getBoundingClientRect();
      const room = innerHeight - under, fits = place.top >= under - 1 && (place.bottom <= innerHeight || place.height > room && place.top < under + 40);
      calm = fits ? calm + 1 : 0;
      if (calm > 4) clearInterval(aim);
      else if (!fits) scrollBy({ top: place.top - under, behavior: still() ? "auto" : "smooth" });
    }, EVERY);
  }
  for (const name of ["wheel", "touchmove", "pointerdown"]) addEventListener(name, () => clearInterval(aim), { passive: true });

  function change() {
    const lesson = box.querySelector(".lesson");
    const now = lesson ? `${lesson.dataset.lesson} ${lesson.dataset.step}` : "";
    if (now === shown) return;
    const begun = shown !== "";
    shown = now;
    if (!lesson) {
      clearInterval(aim);
      outline.textContent = "";
      d2st.stage.follow(null);
      if (named()[0]) history.pushState(null, "", address(null, null));
      return;
    }
    const { target, view } = lesson.dataset;
    d2st.present.view(view);
    if (view === "examples") document.querySelector("#examples").classList.add("unfolded");
    outline.textContent = `${target} { outline: 3px solid var(--accent); outline-offset: 4px; border-radius: 8px; }`;
    d2st.stage.follow(JSON.parse(lesson.dataset.go));
    remember(lesson.dataset.lesson, lesson.dataset.step);
    document.querySelector(".menu details")?.removeAttribute("open");
    if (begun || document.activeElement === document.body) lesson.querySelector(".primary").focus({ preventScroll: true });
    scrollTo(target);
  }

  function mount(element) {
    box = element;
    document.head.append(outline);
    new MutationObserver(change).observe(box, { childList: true, subtree: true, attributes: true });  // Gradio changes what is there
    new ResizeObserver(() => document.documentElement.style.setProperty("--lesson", `${box.offsetHeight + 16}px`)).observe(box);
    addEventListener("popstate", () => {
      const [lesson, step] = named();
      if (lesson) d2st.send({ do: "lesson", lesson, step: String(Math.max(0, (+step || 1) - 1)) });
      else if (shown) d2st.send({ do: "close-lesson" });
    });
    change();
  }

  return { mount };
})();
