"use strict";
/* One way from the page to the server: whatever is asked for is sent as an event, see events.py. */
window.d2st = {};

d2st.connect = (trigger, upload) => {
  d2st.send = data => trigger("click", data);
  d2st.upload = upload;  // a File → {path}, through Gradio's own route
};

/* The views below the stage are drawn when they first come into sight, not before. */
d2st.lookInside = element => {
  const views = element.closest("#inside");
  const observer = new IntersectionObserver(entries => {
    if (!entries.some(entry => entry.isIntersecting)) return;
    observer.disconnect();
    if (document.querySelector("#answer .label")) d2st.send({ do: "look-inside" });
    else setTimeout(() => observer.observe(views), 250);  // there is nothing to draw yet
  });
  observer.observe(views);
};

/* A button's data-… attributes become the event's data; what the page does by itself stands in d2st.here. */
d2st.here = {};
document.addEventListener("click", event => {
  const button = event.target.closest?.("button[data-do], button[data-here], button[data-go]");
  if (!button) return;
  if (button.dataset.go) { d2st.stage.go(JSON.parse(button.dataset.go)); d2st.stage.look(); return; }
  if (button.dataset.here) d2st.here[button.dataset.here](button);
  else if (button.dataset.do === "add") d2st.files.choose(files => d2st.files.add(button.dataset.action, files));
  else d2st.send({ ...button.dataset });
  if (button.dataset.to) document.querySelector(button.dataset.to).scrollIntoView({ block: "start" });
});
