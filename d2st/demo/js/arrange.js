"use strict";
/* Actions are renamed and clips moved: by a small dialog, or by dragging a shot to another card. Ctrl+Z takes back. */
d2st.arrange = (() => {
  const card = of => of.closest(".card");
  const actions = () => [...document.querySelectorAll("#cards .card")].map(each => each.dataset.action);
  const KIND = "application/x-d2st-shot";

  /* Asks for a name, typed or one of those at hand → it, or "" where the dialog was closed. */
  function ask(title, label, value, choices) {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-label", title);
    dialog.innerHTML = '<form method="dialog"><h2></h2><div class="choices"></div><label><span></span>' +
      '<input maxlength="200" autocomplete="off"></label><div class="row"><button value="yes" class="primary">OK</button>' +
      '<button value="" formnovalidate>Cancel</button></div></form>';
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("label span").textContent = label;
    const input = dialog.querySelector("input");
    input.value = value;
    for (const choice of choices) {
      const button = Object.assign(document.createElement("button"), { textContent: choice, value: "yes" });
      button.addEventListener("click", () => { input.value = choice; });
      dialog.querySelector(".choices").append(button);
    }
    document.body.append(dialog);
    dialog.showModal();
    if (!choices.length) input.select();
    return new Promise(done => dialog.addEventListener("close", () => {
      done(dialog.returnValue ? input.value.trim() : "");
      dialog.remove();
    }));
  }

  d2st.here.rename = async button => {
    const action = card(button).dataset.action;
    const name = await ask(`Rename “${action}”`, "Its new name; one that is there already takes it in", action, []);
    if (name) d2st.send({ do: "rename", action, name });
  };
  d2st.here.move = async button => {
    const action = card(button).dataset.action, { digest } = button.closest(".shot").dataset;
    const to = await ask("Move the clip to", "or to a new action", "", actions().filter(each => each !== action));
    if (to) d2st.send({ do: "move", action, digest, to });
  };

  document.addEventListener("dragstart", event => {
    const shot = event.target.closest?.(".shot");
    if (!shot) return;
    event.dataTransfer.setData(KIND, JSON.stringify({ action: card(shot).dataset.action, digest: shot.dataset.digest }));
    event.dataTransfer.effectAllowed = "move";
  });
  const over = event => event.dataTransfer?.types.includes(KIND) ? event.target.closest?.(".card") : null;
  document.addEventListener("dragover", event => {
    const where = over(event);
    if (where) event.preventDefault();
    if (event.dataTransfer?.types.includes(KIND)) document.querySelectorAll(".card").forEach(each => each.classList.toggle("dropping", each === where));
  });
  document.addEventListener("dragend", () => document.querySelectorAll(".card.dropping").forEach(each => each.classList.remove("dropping")));
  document.addEventListener("drop", event => {
    const where = over(event);
    if (!where) return;
    event.preventDefault();
    const shot = JSON.parse(event.dataTransfer.getData(KIND)), to = where.dataset.action;
    if (to !== shot.action) d2st.send({ do: "move", ...shot, to });
  });

  document.addEventListener("keydown", event => {
    const typing = event.target.matches?.("input:not([type=range]), textarea, select, [contenteditable]");
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.altKey || typing) return;
    event.preventDefault();
    d2st.keys.press(event.shiftKey ? "redo" : "undo");
  });

  /* The cards are drawn anew with each change: the focus goes back to the button that had it. */
  let had = null;
  document.addEventListener("focusin", event => {
    const button = event.target.closest?.("#cards button");
    had = button && { action: card(button)?.dataset.action, does: button.dataset.here || button.dataset.do };
  });
  new MutationObserver(() => {
    if (!had || document.activeElement !== document.body) return;
    const again = [...document.querySelectorAll("#cards .card")].find(each => each.dataset.action === had.action);
    again?.querySelector(`[data-here="${had.does}"], [data-do="${had.does}"]`)?.focus();
  }).observe(document.documentElement, { childList: true, subtree: true });

  return { ask, actions };
})();
