/* What comes from the page around and goes to it; alone, the page holds its own message. */
const framed = parent !== window;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let led = false;  // by a page around, which a notebook, say, is not
let quiet = false;  // films do not begin by themselves

function tellPage(message) {
  if (framed) parent.postMessage(message, origin === "null" ? "*" : origin);
}
let before = Promise.resolve();  // messages are taken one after the other: what a clip is to show comes behind it
addEventListener("message", event => {
  if (!framed || event.source !== parent) return;
  led = true;
  before = before.then(() => receive(event.data)).catch(reportError);
});

async function receive(message) {
  if (typeof message !== "object" || !message) return;
  if ("mode" in message) document.documentElement.classList.toggle("dark", message.mode === "dark");
  if ("present" in message) document.documentElement.classList.toggle("present", message.present);
  if ("fill" in message) document.documentElement.classList.toggle("fill", message.fill);
  if ("quiet" in message) quiet = Boolean(message.quiet);
  if ("show" in message) await show(message.show);
  if ("decided" in message && data) decide(message.decided);
  if (message.go && data) go(message.go);
}

async function show(said) {
  const next = said && await prepared(said);
  play(false);
  data = next;
  document.documentElement.classList.toggle("nothing", !data);
  $("empty").hidden = Boolean(data);
  for (const element of document.querySelectorAll("#player, .bar, #said, #below")) element.inert = !data;
  if (!data) return clear();
  if (!data.layers.includes(state.layer)) state.layer = data.layers[0] ?? null;
  if (!data.pathways.includes(state.pathway)) state.pathway = data.pathways[0] ?? "spatial";
  Object.assign(state, { token: null, point: null, hover: null });
  if (!data.traces.length) state.view = "film";
  state.time = data.times[firstWithPoints()];
  $("tip").hidden = true;
  $("title").textContent = data.traces.length ? `Where the network read in ${data.clip}` : data.clip;
  $("about").textContent = [data.model, data.about].filter(Boolean).join(" · ");
  $("untrained").hidden = data.trained || !data.traces.length;
  drawChoices(); drawLine(); drawStrip();
  $("paper").hidden = data.kind === "arrays";  // of another network
  $("strip").hidden = !data.last;
  change({ playing: data.last > 0 && !calm.matches && !quiet }, false);
  document.documentElement.dataset.ready = "yes";
  document.documentElement.dataset.clip = data.clip;
}
function clear() {
  for (const name of ["film", "box"]) { const canvas = $(name); canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height); }
  $("marks").replaceChildren();
  delete document.documentElement.dataset.ready;
}
function decide(decided) {
  data.decided = data.said.decided = decided ?? undefined;
  drawLine(); describe(); legend(); redraw();
}
function go({ frame, ...changes }) {
  const known = Object.fromEntries(Object.entries(changes).filter(([name]) => KEPT.includes(name) || ["time", "yaw", "pitch", "point"].includes(name)));
  change(frame === undefined ? known : { time: data.times[frame], playing: false, ...known }, false);
}

/* ---- start ---- */
document.documentElement.classList.toggle("framed", framed);
const dark = matchMedia("(prefers-color-scheme: dark)");
if (!framed) {
  const follow = () => receive({ mode: dark.matches ? "dark" : "light" });
  follow();
  dark.addEventListener("change", follow);
}
heatScale();
new ResizeObserver(() => {
  tellPage({ height: Math.ceil(document.body.getBoundingClientRect().height) });
  redraw();
}).observe(document.body);
new IntersectionObserver(changes => {  // a film that nobody can see stands still
  inSight = changes.at(-1).isIntersecting;
  run();
}).observe(document.body);
receive(JSON.parse($("message").textContent) ?? { show: null }).then(() => tellPage({ ready: true }));
