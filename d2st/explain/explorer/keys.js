/* Everything from the keyboard. What is no key here goes to the page around. */
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const KEYS = [
  [[" "], "space", "play or pause", () => change({ playing: !state.playing })],
  [[","], ",", "previous frame that the network saw", () => jump(-1)],
  [["."], ".", "next frame that the network saw", () => jump(1)],
  [Object.keys(ARROWS), "arrows", "choose a token; turn the box; on the time line, a picture on or back", event => byArrow(event)],
  [["1", "2"], "1 2", "the first pathway, the second", ({ key }) => data.pathways[key - 1] && change({ pathway: data.pathways[key - 1] })],
  [["["], "[", "layer before", () => nextLayer(-1)],
  [["]"], "]", "next layer", () => nextLayer(1)],
  [["g"], "g", "next group", () => nextGroup()],
  [["b"], "b", "film, or space and time", () => change({ view: state.view === "film" ? "box" : "film" })],
  [["h"], "h", "heat: where attention falls", () => change({ heat: !state.heat })],
  [["u"], "u", "what this clip changed", () => change({ usual: !state.usual })],
  [["m"], "m", "mirror", () => change({ mirror: !state.mirror })],
  [["Escape"], "Esc", "forget the token and the point", () => change({ token: null, point: null })],
  [["?"], "?", "this card", () => askForHelp()],
];
const OF_POINTS = ["1", "2", "[", "]", "g", "b", "h", "u"];  // without points there is nothing for them to do

function byArrow(event) {
  if (event.target === $("time")) nudge(ARROWS[event.key][0] ? -ARROWS[event.key][0] : ARROWS[event.key][1]);
  else if (state.view === "box") turn(...ARROWS[event.key].toReversed().map(by => 0.1 * by));
  else if (chosen()?.attention) moveToken(ARROWS[event.key]);
}
addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z") tellPage({ key: event.shiftKey ? "redo" : "undo" });
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || $("help").open || $("formats").matches(":popover-open")) return;
  const { key, target } = event, lists = target.matches("select"), pressed = target.matches("button, a, summary") && [" ", "Enter"].includes(key);
  if (pressed || (lists && key !== "Escape")) return;  // the element's own
  const found = KEYS.find(([keys]) => keys.includes(key));
  if (!found) { if (key.length === 1) tellPage({ key }); return; }
  if (!data && key !== "?") return;
  if (OF_POINTS.includes(key) && !chosen()) return;
  if (key === "u" && !chosen().usual) return;
  event.preventDefault();
  found[3](event);
});
$("keys").append(...KEYS.flatMap(([, name, meaning]) => {
  const term = document.createElement("dt"), said = document.createElement("dd");
  term.append(Object.assign(document.createElement("kbd"), { textContent: name }));
  said.textContent = meaning;
  return [term, said];
}));
/* A page around that leads the stage has one card for both. */
function askForHelp() {
  if (led) tellPage({ key: "?" });
  else $("help").showModal();
}
$("ask").addEventListener("click", askForHelp);
$("help").addEventListener("click", event => { if (event.target === $("help")) $("help").close(); });  // beside it
