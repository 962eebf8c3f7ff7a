"use strict";
/* Keys of the page, and the help card for page and stage. The stage hands on the keys that it does not use itself. */
d2st.keys = (() => {
  const typing = target => target.matches?.("input:not([type=range]), textarea, select, [contenteditable]");

  function help() {
    let card = document.querySelector("#help");
    if (!card) {
      card = document.createElement("dialog");
      card.id = "help";
      card.setAttribute("aria-label", "Keys, words and marks");
      card.innerHTML = document.querySelector("#help-text").innerHTML;
      card.addEventListener("click", event => event.target === card && card.close());
      document.body.append(card);
    }
    if (card.open) { card.close(); return; }
    card.querySelector("#help-stage").replaceChildren(...d2st.stage.help());
    card.showModal();
  }

  const does = {
    p: () => d2st.present.turn(),
    o: () => d2st.here["query-files"](),
    r: () => d2st.here.camera(),
    l: () => d2st.here.live(),
    "?": help,
    undo: () => d2st.send({ do: "undo" }),
    redo: () => d2st.send({ do: "redo" }),
    pagedown: () => d2st.present.step(1),
    pageup: () => d2st.present.step(-1),
  };

  /* Whether the key does something. */
  function press(name) {
    const act = does[name.toLowerCase()];
    return Boolean(act) && act() !== false;
  }

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (press(event.key)) event.preventDefault();
  });
  d2st.here.help = help;
  return { press };
})();
