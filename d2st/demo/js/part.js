"use strict";
/* Which part of the query's file is asked about: one slider with two handles, folded until it is wanted. */
d2st.part = (() => {
  let place = null, handles = [], said = null, waiting = 0;
  const seconds = () => handles.map(handle => +handle.value).sort((a, b) => a - b);

  function draw() {
    const [start, end] = seconds(), whole = +handles[0].max || 1;
    place.querySelector(".rail i").style.cssText = `left:${100 * start / whole}%;right:${100 - 100 * end / whole}%`;
    place.querySelector("output").textContent = `${start.toFixed(2)} – ${end.toFixed(2)} s`;
  }

  function ask() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const [start, end] = seconds();
      d2st.send({ do: "part", start, end });
    }, 250);
  }

  function show(part, clip) {
    said = part;
    if (!place) return;
    const tools = place.closest("#tools");
    tools.querySelector("[data-here=part]").hidden = !part;
    tools.querySelector("[data-do=forget]").hidden = !clip;
    tools.querySelector("#clip-name").textContent = clip || "";
    if (!part) { fold(true); return; }
    if (place.contains(document.activeElement) && +handles[0].max === part.duration) return;  // a hand is on it
    handles.forEach((handle, index) => {
      handle.max = part.duration;
      handle.value = index ? part.end : part.start;
    });
    draw();
  }

  function fold(folded) {
    place.hidden = folded;
    document.querySelector("[data-here=part]").setAttribute("aria-expanded", String(!folded));
  }

  function mount(element) {
    place = element.querySelector(".part");
    handles = [...place.querySelectorAll("input")];
    for (const handle of handles) handle.addEventListener("input", () => { draw(); ask(); });
    place.querySelector("button").addEventListener("click", () => {
      handles.forEach((handle, index) => { handle.value = index ? handle.max : 0; });
      draw();
      ask();
    });
    d2st.here.part = () => fold(!place.hidden);
    d2st.camera.mount(element.querySelector(".camera"));
    show(said);
  }

  return { mount, show };
})();
