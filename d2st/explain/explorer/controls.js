/* Buttons and lists, and the one way in which what is shown changes. */
const KEPT = ["pathway", "layer", "group", "view", "readers", "heat", "usual", "mirror", "token", "playing"];  // what a person chose

/* Change what is shown; where a person did it, the page around hears of it. */
function change(changes, byPerson = true) {
  const { playing = state.playing, ...others } = changes;
  Object.assign(state, others);
  const trace = chosen();
  if (trace && state.group !== "all" && state.group >= trace.groups) state.group = "all";
  play(playing);
  if (data) { showControls(trace); describe(); legend(); redraw(); }
  if (byPerson) tellPage({ state: { ...Object.fromEntries(KEPT.map(name => [name, state[name]])), frame: data && seenAt(state.time) } });
}

const press = (button, pressed) => button.setAttribute("aria-pressed", pressed);
function options(list, entries, value) {
  list.replaceChildren(...entries.map(([name, text]) => new Option(text, name)));
  list.value = value;
}
function showControls(trace) {
  $("which").hidden = !trace;
  $("heat").hidden = !trace;
  $("usual").hidden = !trace?.usual;
  $("pathways").hidden = data.pathways.length < 2;
  $("layer").hidden = data.layers.length < 2;
  $("views").hidden = $("player").hidden = !data.last;
  $("reading").hidden = !trace?.class_queries;
  if (trace) {
    options($("group"), [["all", trace.groups === 1 ? "1 group" : "all groups"], ...Array.from({ length: trace.groups === 1 ? 0 : trace.groups }, (_, g) => [g, `group ${g + 1}`])], state.group);
    $("layer").value = state.layer;
    $("readers").value = state.readers;
  }
  for (const button of $("pathways").children) press(button, button.dataset.pathway === state.pathway);
  for (const name of ["heat", "usual", "mirror"]) press($(name), state[name]);
  for (const button of document.querySelectorAll("[data-view]")) press(button, button.dataset.view === state.view);
  for (const view of ["film", "box"]) $(view).hidden = state.view !== view;
  $("play").querySelector("path").setAttribute("d", state.playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M4 2l10 6-10 6z");
  $("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
  $("film").setAttribute("aria-label", `${data.clip}${trace ? `, with the sampling points of ${trace.title}.${trace.attention ? " The arrow keys choose a token." : ""}` : ""}`);
  for (const format of ["json", "csv"]) document.querySelector(`[data-save=${format}]`).hidden = !trace;
}

function drawChoices() {
  $("pathways").replaceChildren(...data.pathways.map(pathway => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: pathway });
    button.dataset.pathway = pathway;
    button.addEventListener("click", () => change({ pathway }));
    return button;
  }));
  options($("layer"), data.layers.map(layer => [layer, layer]), state.layer);
}
const cycle = (list, value, by) => list[(list.indexOf(value) + by + list.length) % list.length];
function nextGroup() {
  const trace = chosen(), groups = ["all", ...Array(trace.groups === 1 ? 0 : trace.groups).keys()];
  change({ group: cycle(groups, state.group, 1) });
}
function nextLayer(by) {
  const at = data.layers.indexOf(state.layer) + by;
  if (data.layers[at]) change({ layer: data.layers[at] });
}

$("layer").addEventListener("change", event => change({ layer: event.target.value }));
$("group").addEventListener("change", event => change({ group: event.target.value === "all" ? "all" : +event.target.value }));
$("readers").addEventListener("change", event => change({ readers: event.target.value, token: null }));
for (const name of ["heat", "usual", "mirror"]) $(name).addEventListener("click", () => change({ [name]: !state[name] }));
for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => change({ view: button.dataset.view }));
$("forget").addEventListener("click", () => { change({ token: null }); $("film").focus(); });
$("play").addEventListener("click", () => data && change({ playing: !state.playing }));

/* The frames that the network saw, side by side, where there is room for them. */
function drawStrip() {
  $("strip").replaceChildren(...data.times.map((seconds, frame) => {
    const figure = document.createElement("figure"), canvas = document.createElement("canvas"), caption = document.createElement("figcaption");
    canvas.style.aspectRatio = `${data.width} / ${data.height}`;
    canvas.addEventListener("click", () => change({ time: seconds, playing: false }));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Frame ${frame + 1}`);
    for (const text of [frame + 1, `${seconds.toFixed(2)} s`]) caption.append(Object.assign(document.createElement("span"), { textContent: text }));
    figure.append(canvas, caption);
    return figure;
  }));
}
function paintStrip(shown) {
  if ($("strip").clientWidth === 0) return;  // not shown
  document.querySelectorAll("#strip canvas").forEach((canvas, frame) => {
    const context = fit(canvas);
    drawMoment(context, canvas.width, canvas.height, data.times[frame], shown);
  });
}
