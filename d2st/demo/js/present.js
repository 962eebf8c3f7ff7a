"use strict";
/* Present: for a projector, one view at a time. */
d2st.present = (() => {
  const root = document.documentElement, VIEWS = ["stage", "examples", "inside"];

  function view(name) {
    root.dataset.view = name;
    root.style.setProperty("--lesson", `${16 + (document.querySelector("#lesson")?.offsetHeight ?? 0)}px`);
    document.querySelectorAll("[data-here=view]").forEach(each => each.setAttribute("aria-pressed", String(each.dataset.view === name)));
  }

  function turn(on = !root.classList.contains("present")) {
    root.classList.toggle("present", on);
    document.querySelectorAll("[data-here=present]").forEach(each => each.setAttribute("aria-pressed", String(on)));
    view("stage");
    d2st.stage.tell();
  }

  /* The view after the one that is shown, or before it. */
  function step(by) {
    if (!root.classList.contains("present")) return false;
    view(VIEWS[(VIEWS.indexOf(root.dataset.view) + by + VIEWS.length) % VIEWS.length]);
    return true;
  }

  d2st.here.present = () => turn();
  d2st.here.view = button => view(button.dataset.view);
  d2st.here.fold = button => {
    const open = document.querySelector("#examples").classList.toggle("unfolded");
    button.setAttribute("aria-expanded", String(open));
  };
  root.dataset.view = "stage";
  if (new URLSearchParams(location.search).has("present")) root.classList.add("present");
  return { turn, step, view };
})();
