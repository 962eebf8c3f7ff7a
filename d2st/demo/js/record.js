"use strict";
/* Record into an action: while a card's button is held, three seconds after three seconds become shots. A short press
   records one of three seconds, so that nobody needs to hold anything. */
d2st.record = (() => {
  const LENGTH = 3, LEAST = 1, TAP = 0.4, REST = 20;  // seconds
  let panel = null, stream = null, closing = 0, held = null, pressed = 0;

  function show(text) {
    panel ||= made();
    panel.hidden = false;
    panel.querySelector("p").textContent = text;
  }

  function made() {
    const place = document.createElement("section");
    place.id = "recorder";
    place.setAttribute("aria-label", "Camera");
    place.innerHTML = '<video muted playsinline></video><p role="status"></p><button type="button">Close the camera</button>';
    place.querySelector("button").addEventListener("click", close);
    document.body.append(place);
    return place;
  }

  async function opened() {
    clearTimeout(closing);
    if (stream?.active) return;
    show("Asking for the camera …");
    stream = await d2st.camera.open();
    const video = panel.querySelector("video");
    video.srcObject = stream;
    await video.play();
  }

  function close() {
    clearTimeout(closing);
    held?.release(true);
    d2st.camera.close(stream);
    stream = null;
    if (panel) panel.hidden = true;
  }

  /* One recording → whether there is to be another. */
  async function once(hold, count) {
    const began = performance.now();
    panel.classList.add("on");
    show(`“${hold.action}”, shot ${count + 1}: recording …`);
    const over = new Promise(done => { hold.end = done; });
    const file = await d2st.camera.record(stream, Promise.race([d2st.camera.seconds(LENGTH), over]), hold.action);
    panel.classList.remove("on");
    const whole = performance.now() - began >= 1000 * LEAST;
    if (whole && !hold.dropped) d2st.files.add(hold.action, [file]);
    return whole;
  }

  async function press(action) {
    if (held) return;
    const began = performance.now();
    const hold = held = { action, on: true, dropped: false, end: () => {} };
    hold.release = (dropped = false) => {
      hold.on = false;
      hold.dropped ||= dropped;
      if (dropped || performance.now() - began > 1000 * TAP) hold.end();
    };
    let count = 0;
    try {
      await opened();
      do count += await once(hold, count); while (hold.on);
      show(hold.dropped ? "" : count ? `“${action}”: ${count} ${count === 1 ? "shot" : "shots"} recorded. Press again for more.` : "That was too short. Hold the button, or press it once for three seconds.");
    } catch (error) { show(error.message); }
    held = null;
    closing = setTimeout(close, 1000 * REST);
  }

  const button = event => event.target.closest?.("[data-here=record]");
  const start = (event, where) => {
    event.preventDefault();
    where.focus();
    pressed = performance.now();
    press(where.closest(".card").dataset.action);
  };
  const release = () => { pressed = performance.now(); held?.release(); };
  document.addEventListener("pointerdown", event => event.button === 0 && button(event) && start(event, button(event)));
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => held && release());
  document.addEventListener("contextmenu", event => button(event) && event.preventDefault());  // of a long touch
  document.addEventListener("keydown", event => {
    if (![" ", "Enter"].includes(event.key) || !button(event)) return;
    if (event.repeat) event.preventDefault();
    else start(event, button(event));
  });
  document.addEventListener("keyup", event => [" ", "Enter"].includes(event.key) && held && release());
  window.addEventListener("blur", () => held && release());
  d2st.here.record = where => {  // a click that no pointer and no key has made
    if (performance.now() - pressed < 1000) return;
    press(where.closest(".card").dataset.action);
    held?.release();
  };

  return { press, close };
})();
