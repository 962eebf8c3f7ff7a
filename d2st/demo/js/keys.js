"use strict";
/* Present, the help card, and the keys for both; the stage hands on those that it does not use itself. */
d2st.keys = (() => {
  const root = document.documentElement;
  const typing = target => target.matches?.("input:not([type=range]), textarea, select, [contenteditable]");

  function present(on = !root.classList.contains("present")) {
    root.classList.toggle("present", on);
    document.querySelectorAll("[data-here=present]").forEach(each => each.setAttribute("aria-pressed", String(on)));
    d2st.stage.tell();
  }

  function help() {
    let card = document.querySelector("#help");
    if (!card) {
      card = document.createElement("dialog");
      card.id = "help";
      card.innerHTML = document.querySelector("#help-text").innerHTML;
      document.body.append(card);
    }
    if (card.open) card.close();
    else card.showModal();
  }

  const does = { p: () => present(), "?": help, u: () => d2st.here["query-files"](), r: () => d2st.here.camera() };
  function press(name) {
    does[name.toLowerCase()]?.();
  }

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (does[event.key.toLowerCase()] && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      press(event.key);
    }
  });
  d2st.here.present = () => present();
  d2st.here.help = help;
  if (new URLSearchParams(location.search).has("present")) root.classList.add("present");
  return { press };
})();
