"use strict";
/* The stage is the explorer in a frame, made once. It is sent what to show, and says what was pressed in it. */
d2st.stage = (() => {
  let frame = null, ready = false, value = null, margins = null, told = {}, led = null;
  const post = message => frame?.contentWindow?.postMessage(message, "*");
  const wide = matchMedia("(min-width: 1101px)");

  /* On a wide screen the frame has a height of its own, and the film takes what the stage's controls leave of it. */
  function tell() {
    if (!ready) return;
    if (wide.matches) frame.style.height = "";
    post({
      mode: document.body.classList.contains("dark") ? "dark" : "light",
      present: document.documentElement.classList.contains("present"),
      fill: wide.matches,
    });
  }

  function show() {
    const said = value ? JSON.parse(value) : { show: null };
    d2st.part.show(said.part, said.clip);
    if (ready) post({ show: said.show });
    mark();
    if (ready && led) post({ go: led });
  }

  /* A lesson says what the stage shows, of whatever clip, until it says something else. */
  function follow(where) {
    led = where;
    if (ready && led) post({ go: led });
  }

  /* What each frame adds to the margin; it comes by itself where only a setting was changed. */
  function mark() {
    if (ready && margins) post(JSON.parse(margins));
  }
  function decided(props, watch) {
    const changed = () => { margins = props.value; mark(); };
    watch("value", changed);
    changed();
  }

  const heard = {
    ready() { ready = true; tell(); show(); },
    height(pixels) { if (!wide.matches) frame.style.height = `${Math.ceil(pixels)}px`; },
    press(data) { d2st.send(data); },
    key(name) { d2st.keys.press(name); },
    state(said) { told = said; },
  };
  window.addEventListener("message", event => {
    if (!frame || event.source !== frame.contentWindow || typeof event.data !== "object") return;
    for (const [name, said] of Object.entries(event.data)) heard[name]?.(said);
  });

  function mount(element, props, watch) {
    frame = document.createElement("iframe");
    frame.title = "The query, and where the network read in it";
    frame.allow = "fullscreen";
    frame.srcdoc = props.page;
    element.querySelector(".frame").append(frame);
    wide.addEventListener("change", tell);
    new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    const changed = () => { value = props.value; show(); };
    watch("value", changed);
    changed();
  }

  /* What the stage's own help says: its marks, its formula, its keys. */
  function help() {
    const theirs = frame?.contentDocument?.querySelector("#help");
    if (!theirs) return [];
    const copy = document.importNode(theirs, true), drawn = theirs.querySelectorAll("canvas");
    copy.querySelectorAll("canvas").forEach((canvas, index) => canvas.getContext("2d").drawImage(drawn[index], 0, 0));
    copy.querySelector("form").remove();
    copy.querySelectorAll("[id]").forEach(each => each.removeAttribute("id"));
    copy.querySelector("dl").className = "keys";
    return [Object.assign(document.createElement("h3"), { textContent: "On the stage" }), ...copy.childNodes];
  }

  /* Scrolls to the stage where it is out of sight. */
  function look() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    frame?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  }

  /* Points look the same wherever they are drawn: what the stage draws them with. */
  const pen = () => frame.contentWindow;

  d2st.here.skip = () => frame.focus();
  return { mount, decided, follow, tell, look, help, pen, go: where => post({ go: where }), told: () => told };
})();

/* Buttons that have the server draw what the stage shows. */
d2st.figure = (element, trigger) => element.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  const { layer = "", group = "" } = d2st.stage.told();
  trigger("click", { do: "figure", format: button.dataset.format, layer: layer ?? "", group: String(group) });
});
