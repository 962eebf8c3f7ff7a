"use strict";
/* Plays a trace: frames, sampling points, attention. Coordinates are (t, y, x) as in the network; −1 and 1 are the
   centres of the first and last token of an axis. */
const data = JSON.parse(document.getElementById("message").textContent).show;
const $ = id => document.getElementById(id);
const MARGIN = 10;                 // frame pixels left dark around a frame, where points that fell outside it stand
const PACE = 2.5;                  // frames a second
const FAINTEST = 0.08;             // nearness to a frame below which a mark could not be seen on it
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#f0e442", "#d55e00"];  // Okabe and Ito
const SHAPES = ["disc", "square", "triangle", "diamond", "disc", "square"];
const last = data.frames.length - 1, side = data.image, span = side + 2 * MARGIN;
const layers = [...new Set(data.traces.map(t => t.layer))];
const pathways = [...new Set(data.traces.map(t => t.pathway))];

const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const floats = text => new Float32Array(bytes(text).buffer);

/* Everything that can be seen of one trace, decoded when it is first asked for. */
function points(trace) {
  if (trace.decoded) return trace.decoded;
  const reference = floats(trace.reference), position = floats(trace.position), weight = floats(trace.weight), inBounds = floats(trace.in_bounds);
  const count = reference.length / 3, attention = bytes(trace.attention);
  const locate = (p, at) => {
    const index = [0, 1, 2].map(axis => (p[at + axis] + 1) / 2 * (trace.grid[axis] - 1));
    return { t: index[0], y: (index[1] + 0.5) * trace.token_pixels, x: (index[2] + 0.5) * trace.token_pixels };
  };
  const groups = Array.from({ length: trace.groups }, (_, g) => Array.from({ length: count }, (_, p) => {
    const at = 3 * (g * count + p);
    return { group: g, index: p, from: locate(reference, 3 * p), to: locate(position, at), weight: weight[g * count + p],
      inside: inBounds[g * count + p] };
  }));
  const queries = attention.length / (trace.groups * count);
  const paid = (g, query, p) => attention[(g * queries + query) * count + p] / 255 * trace.peaks[g];
  return trace.decoded = { groups, count, queries, paid };
}

const most = Math.max(...data.traces.map(t => t.points[0] * t.points[1] * t.points[2]));
const telling = data.traces.filter(t => t.points[0] * t.points[1] * t.points[2] === most).pop();  // many points, late, in every frame: most to see
const state = { pathway: telling && telling.pathway, layer: telling && telling.layer, group: "all", view: "film", time: 0, playing: false,
  token: null, marks: true, yaw: -0.62, pitch: 0.42 };
const chosen = () => data.traces.find(t => t.layer === state.layer && t.pathway === state.pathway);

/* The marks that are shown, each with the weight that decides its size. */
function marks() {
  const trace = chosen();
  if (!trace || !state.marks) return [];
  const decoded = points(trace), groups = state.group === "all" ? decoded.groups : [decoded.groups[+state.group]];
  const query = state.token && queryOf(trace, state.token);
  return groups.flatMap(group => group.map(p => {
    const weight = query === null ? p.weight : decoded.paid(p.group, query, p.index);
    return { ...p, weight, radius: Math.min(12, Math.max(2, 5 * weight * decoded.count)) };
  }));
}

/* A token is kept as a place (frame, pixels), so that it means the same in every layer. */
function queryOf(trace, { frame, y, x }) {
  const [, height, width] = trace.grid;
  const row = Math.min(height - 1, Math.floor(y / trace.token_pixels)), column = Math.min(width - 1, Math.floor(x / trace.token_pixels));
  return trace.class_queries + (frame * height + row) * width + column;
}

/* ---- drawing ---- */
const images = data.frames.map(source => Object.assign(new Image(), { src: source }));
const clampTime = t => Math.min(last, Math.max(0, t));
const nearness = (t, frame) => 1 - Math.abs(clampTime(t) - frame);

function fit(canvas, ratio) {
  const width = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  const height = Math.round(width * ratio);
  if (width && (canvas.width !== width || canvas.height !== height)) { canvas.width = width; canvas.height = height; }
  canvas.style.aspectRatio = `1 / ${ratio}`;
  return canvas.getContext("2d");
}

/* One moment of the film: frame pixels are scaled so that the frame and its margin fill the canvas. */
function drawFrame(context, size, time, shown) {
  const scale = size / span;
  context.setTransform(scale, 0, 0, scale, MARGIN * scale, MARGIN * scale);
  context.globalAlpha = 1;
  context.fillStyle = "#262930";
  context.fillRect(-MARGIN, -MARGIN, span, span);
  const before = Math.floor(time), share = time - before;
  context.drawImage(images[before], 0, 0, side, side);
  if (share > 0.01) { context.globalAlpha = share; context.drawImage(images[before + 1], 0, 0, side, side); context.globalAlpha = 1; }
  if (state.token && nearness(state.token.frame, time) > 0.5) drawToken(context);
  const near = shown.map(m => ({ ...m, near: nearness(m.to.t, time), here: nearness(m.from.t, time) })).filter(m => m.near > FAINTEST);
  near.forEach(m => drawArrow(context, m));
  const references = new Map(shown.map(m => [m.index, m.from]));
  for (const from of references.values()) if (nearness(from.t, time) > FAINTEST) drawCross(context, from, nearness(from.t, time));
  near.forEach(m => { context.globalAlpha = m.near * (m.inside || 1); drawMark(context, edge(m.to), m); });
  context.globalAlpha = 1;
}

/* The nearest place of the picture, for points beyond its margin. */
const edge = ({ y, x }) => ({ y: Math.min(side + MARGIN, Math.max(-MARGIN, y)), x: Math.min(side + MARGIN, Math.max(-MARGIN, x)) });

function drawToken(context) {
  const trace = chosen(), pixels = trace.token_pixels;
  const y = Math.floor(state.token.y / pixels) * pixels, x = Math.floor(state.token.x / pixels) * pixels;
  context.lineWidth = 3; context.strokeStyle = "#000"; context.strokeRect(x, y, pixels, pixels);
  context.lineWidth = 1.5; context.strokeStyle = "#fff"; context.setLineDash([3, 2]); context.strokeRect(x, y, pixels, pixels); context.setLineDash([]);
}

function drawCross(context, { y, x }, opacity) {
  context.globalAlpha = opacity;
  for (const [colour, width] of [["#14161a", 2], ["#fff", 1]]) {
    context.strokeStyle = colour; context.lineWidth = width;
    context.beginPath(); context.moveTo(x - 2.5, y); context.lineTo(x + 2.5, y); context.moveTo(x, y - 2.5); context.lineTo(x, y + 2.5); context.stroke();
  }
}

function shape(context, kind, y, x, r) {
  context.beginPath();
  if (kind === "disc") context.arc(x, y, r, 0, 2 * Math.PI);
  else {
    const corners = { square: [[-1, -1], [1, -1], [1, 1], [-1, 1]], triangle: [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]], diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] }[kind];
    corners.forEach(([dx, dy], i) => context[i ? "lineTo" : "moveTo"](x + dx * r * 0.89, y + dy * r * 0.89));
    context.closePath();
  }
}

function drawMark(context, { y, x }, mark, size = 1) {
  const colour = COLOURS[mark.group % COLOURS.length], kind = SHAPES[mark.group % SHAPES.length], r = mark.radius * size;
  shape(context, kind, y, x, r);
  if (mark.inside > 0) {
    context.lineWidth = 2.4 * size; context.strokeStyle = "#14161a"; context.stroke();
    context.fillStyle = colour; context.fill();
    context.lineWidth = 0.9 * size; context.strokeStyle = "#fff"; context.stroke();
  } else {
    context.lineWidth = 3 * size; context.strokeStyle = "#14161a"; context.stroke();
    context.lineWidth = 1.8 * size; context.strokeStyle = colour; context.stroke();
  }
}

function drawArrow(context, mark) {
  const to = edge(mark.to), dy = to.y - mark.from.y, dx = to.x - mark.from.x, length = Math.hypot(dy, dx);
  if (length < mark.radius + 2) return;
  const colour = COLOURS[mark.group % COLOURS.length], reach = length - mark.radius;
  context.save();
  context.globalAlpha = mark.near;
  context.translate(mark.from.x, mark.from.y); context.rotate(Math.atan2(dy, dx));
  for (const [stroke, width] of [["#14161a", 2.2], [colour, 1.1]]) {
    context.strokeStyle = stroke; context.lineWidth = width;
    context.setLineDash(mark.here > 0 ? [] : [1.5, 3]);
    context.beginPath(); context.moveTo(0, 0); context.lineTo(reach - 3, 0); context.stroke();
  }
  context.setLineDash([]); context.fillStyle = colour;
  if (reach > 5) { context.beginPath(); context.moveTo(reach, 0); context.lineTo(reach - 4, 2); context.lineTo(reach - 4, -2); context.fill(); }
  context.restore();
}

/* The box of space and time, seen without perspective: every frame is a parallelogram. */
function boxView(size, yaw = state.yaw) {
  const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(state.pitch), sp = Math.sin(state.pitch);
  const unit = size * 0.0019, long = 1.55 * side;
  return (t, y, x) => {
    const u = (t / Math.max(last, 1) - 0.5) * long, v = y - side / 2, w = x - side / 2;  // along time, down, to the right
    const a = w * cy + u * sy * -1, depth = w * sy + u * cy;
    return { x: size / 2 + a * unit, y: size * 0.43 + (v * cp - depth * sp) * unit, depth: depth * cp + v * sp };
  };
}

function drawBox(context, size, shown, time = state.time, yaw = state.yaw) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = "#262930";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  const place = boxView(size, yaw), scale = size / 420;
  const things = data.frames.map((_, frame) => ({ frame, depth: place(frame, side / 2, side / 2).depth }));
  for (const m of shown) things.push({ mark: m, depth: place(m.to.t, m.to.y, m.to.x).depth });
  things.sort((a, b) => b.depth - a.depth);
  for (const thing of things) {
    if (thing.mark) {
      const m = thing.mark, from = place(m.from.t, m.from.y, m.from.x), to = place(m.to.t, m.to.y, m.to.x);
      context.globalAlpha = 0.8; context.lineWidth = 1.3 * scale; context.strokeStyle = COLOURS[m.group % COLOURS.length];
      context.beginPath(); context.moveTo(from.x, from.y); context.lineTo(to.x, to.y); context.stroke();
      context.globalAlpha = m.inside || 1;
      drawMark(context, to, m, scale * 0.8);
    } else {
      const o = place(thing.frame, 0, 0), right = place(thing.frame, 0, side), down = place(thing.frame, side, 0);
      context.setTransform((right.x - o.x) / side, (right.y - o.y) / side, (down.x - o.x) / side, (down.y - o.y) / side, o.x, o.y);
      context.globalAlpha = Math.abs(thing.frame - time) < 0.5 ? 0.85 : 0.22;
      context.drawImage(images[thing.frame], 0, 0, side, side);
      context.globalAlpha = 0.9; context.lineWidth = 1; context.strokeStyle = "#8b93a5"; context.strokeRect(0, 0, side, side);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.globalAlpha = 1; context.fillStyle = "#e8ebf2"; context.font = `${11 * scale}px system-ui, sans-serif`;
      const label = place(thing.frame, side + 16, side / 2);
      context.textAlign = "center"; context.fillText(String(thing.frame + 1), label.x, label.y);
    }
  }
}

let due = false;
function redraw() {  // at most once a frame of the screen
  if (!due) { due = true; requestAnimationFrame(() => { due = false; paint(); }); }
}
function paint() {
  const shown = marks();
  if (state.view === "film") drawFrame(fit($("film"), 1), $("film").width, state.time, shown);
  else drawBox(fit($("box"), 0.86), $("box").width, shown);
  document.querySelectorAll("#strip canvas").forEach((canvas, frame) => drawFrame(fit(canvas, 1), canvas.width, frame, shown));
  $("now").textContent = `frame ${Math.round(state.time) + 1}, ${secondsAt(state.time).toFixed(2)} s`;
  $("time").value = state.time;
  document.documentElement.dataset.painted = Number(document.documentElement.dataset.painted || 0) + 1;
}
function secondsAt(t) {
  const before = Math.floor(t), share = t - before;
  return data.times[before] * (1 - share) + (share ? data.times[before + 1] * share : 0);
}

/* ---- words ---- */
const number = (value, digits) => value.toFixed(digits).replace("-", "−");
function describe() {
  const trace = chosen();
  $("marks").hidden = !trace;
  if (!trace) {
    $("count").textContent = data.kind ? "This adapter reads at fixed places: it has no sampling points." : "There is no adapter, so there are no sampling points.";
    return;
  }
  const [moments, rows, columns] = trace.points, shown = marks(), partly = shown.filter(m => m.inside > 0 && m.inside < 1).length, outside = shown.filter(m => !m.inside).length;
  const way = { spatial: "many places at few moments", temporal: "few places at every moment" }[trace.pathway];
  $("count").textContent = `The ${trace.pathway} pathway reads ${way}: ${moments} moments × ${rows} × ${columns} places for `
    + `${trace.groups === 1 ? "1 group" : `each of ${trace.groups} groups`}. Of the ${shown.length} points shown, ${partly} reach over the edge of the clip, and ${outside} read nothing of it.`;
  const token = state.token;
  $("forget").hidden = !token;
  $("token-text").textContent = token
    ? `Sizes show the attention of one token: frame ${token.frame + 1}, at ${Math.round(token.x)}, ${Math.round(token.y)} pixels. The positions do not move: all tokens share them.`
    : "Sizes show the attention that all tokens pay on average. Click into a frame to see that of one token.";
}
function legend() {
  const trace = chosen();
  if (!trace) return;
  const drawn = (kind, colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 44, height: 44 });
    const context = canvas.getContext("2d"); context.scale(2, 2);
    return { canvas, context };
  };
  const items = [["Cross", "reference", c => drawCross(c, { y: 11, x: 11 }, 1)],
    ["Arrow", "offset; dotted: from another frame", c => drawArrow(c, { from: { y: 17, x: 3 }, to: { y: 6, x: 18 }, radius: 1, group: 0, near: 1, here: 1 })]];
  for (let g = 0; g < trace.groups; g++) items.push([`Group ${g + 1}`, SHAPES[g % SHAPES.length], c => drawMark(c, { y: 11, x: 11 }, { group: g, radius: 6, inside: 1 })]);
  items.push(["Faint", "between two frames, or partly outside the clip", c => { c.globalAlpha = 0.35; drawMark(c, { y: 11, x: 11 }, { group: 0, radius: 6, inside: 1 }); }],
    ["Hollow", "reads nothing: outside the clip", c => drawMark(c, { y: 11, x: 11 }, { group: 0, radius: 6, inside: 0 })]);
  $("marks").replaceChildren(...items.map(([name, meaning, draw]) => {
    const { canvas, context } = drawn();
    draw(context);
    canvas.style.cssText = "width:22px;height:22px;background:#4a5060;border-radius:5px;flex:none";
    canvas.setAttribute("aria-hidden", "true");
    const item = document.createElement("li"), text = document.createElement("span"), bold = document.createElement("b");
    bold.textContent = name;
    text.append(bold, `: ${meaning}`);
    item.append(canvas, text);
    return item;
  }));
}

/* ---- what a person does ---- */
function change(changes) {
  Object.assign(state, changes);
  const trace = chosen();
  if (trace && state.group !== "all" && +state.group >= trace.groups) state.group = "all";
  if (trace) {
    const options = ["all", ...Array(trace.groups).keys()].map(g => Object.assign(document.createElement("option"), { value: g, textContent: g === "all" ? "all" : g + 1 }));
    $("group").replaceChildren(...options);
    $("group").value = state.group;
  }
  $("layer").value = state.layer;
  for (const button of $("pathways").children) button.setAttribute("aria-pressed", button.dataset.pathway === state.pathway);
  for (const view of ["film", "box"]) {
    $(view).hidden = state.view !== view;
    $(`view-${view}`).setAttribute("aria-pressed", state.view === view);
  }
  $("box-help").hidden = state.view !== "box";
  $("play").textContent = state.playing ? "Pause" : "Play";
  $("play").setAttribute("aria-pressed", state.playing);
  describe(); legend(); redraw();
  try { sessionStorage.setItem("explorer", JSON.stringify(Object.fromEntries(CHOICES.map(name => [name, state[name]])))); } catch { /* nor here */ }
}

function tokenAt(canvas, event) {
  const box = canvas.getBoundingClientRect(), scale = span / box.width;
  const x = (event.clientX - box.left) * scale - MARGIN, y = (event.clientY - box.top) * scale - MARGIN;
  return x >= 0 && y >= 0 && x < side && y < side ? { y, x } : null;
}
function pointAt(canvas, event, time) {
  const box = canvas.getBoundingClientRect(), scale = span / box.width;
  const x = (event.clientX - box.left) * scale - MARGIN, y = (event.clientY - box.top) * scale - MARGIN;
  const reach = m => Math.hypot(edge(m.to).x - x, edge(m.to).y - y) - m.radius;
  const near = marks().filter(m => nearness(m.to.t, time) > FAINTEST && reach(m) < 2).sort((a, b) => reach(a) - reach(b));
  return near[0];
}
function boxPointAt(canvas, event) {
  const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width, place = boxView(canvas.width);
  const x = (event.clientX - box.left) * ratio, y = (event.clientY - box.top) * ratio, scale = canvas.width / 420;
  const reach = m => { const at = place(m.to.t, m.to.y, m.to.x); return Math.hypot(at.x - x, at.y - y) - m.radius * scale; };
  return marks().filter(m => reach(m) < 2 * scale).sort((a, b) => reach(a) - reach(b))[0];
}
function tell(event, mark) {
  const tip = $("tip");
  tip.hidden = !mark;
  if (!mark) return;
  const d = axis => mark.to[axis] - mark.from[axis];
  tip.innerText = `Group ${mark.group + 1}, point ${mark.index + 1}${mark.inside === 1 ? "" : mark.inside ? `, ${Math.round(100 * mark.inside)} % inside the clip` : ", reads nothing of the clip"}\n`
    + `Reference: frame ${number(mark.from.t + 1, 1)}, ${number(mark.from.x, 0)}, ${number(mark.from.y, 0)} px\n`
    + `Offset: ${number(d("t"), 2)} frames, ${number(d("x"), 1)} px across, ${number(d("y"), 1)} px down\n`
    + `Attention: ${number(100 * mark.weight, 1)} %`;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 6)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6)}px`;
}
function listen(canvas, timeOf) {
  canvas.addEventListener("click", event => {
    const at = tokenAt(canvas, event);
    if (at && chosen()) change({ token: { frame: Math.round(timeOf()), ...at } });
  });
  canvas.addEventListener("mousemove", event => tell(event, pointAt(canvas, event, timeOf())));
  canvas.addEventListener("mouseleave", () => tell(null, null));
  canvas.addEventListener("keydown", event => {  // the token moves by the keyboard
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key], trace = chosen();
    if (event.key === "Escape") change({ token: null });
    if (!step || !trace) return;
    event.preventDefault();
    const pixels = trace.token_pixels, from = state.token || { y: side / 2, x: side / 2 };
    const move = (value, by) => Math.min(side - 1, Math.max(0, value + by * pixels));
    change({ token: { frame: Math.round(timeOf()), y: move(from.y, step[0]), x: move(from.x, step[1]) } });
  });
}

for (const pathway of pathways) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: pathway });
  button.dataset.pathway = pathway;
  button.addEventListener("click", () => change({ pathway }));
  $("pathways").append(button);
}
$("layer").replaceChildren(...layers.map(layer => new Option(layer, layer)));
$("layer").addEventListener("change", event => change({ layer: event.target.value }));
$("group").addEventListener("change", event => change({ group: event.target.value }));
for (const view of ["film", "box"]) $(`view-${view}`).addEventListener("click", () => change({ view }));
$("forget").addEventListener("click", () => change({ token: null }));
$("time").max = last;
$("time").addEventListener("input", event => change({ time: +event.target.value, playing: false }));
let clock = 0;
function tick(now) {
  if (!state.playing) return;
  const next = state.time + Math.min(Math.max(now - clock, 0), 100) / 1000 * PACE;
  clock = now;
  state.time = next > last ? 0 : next;
  redraw();
  requestAnimationFrame(tick);
}
$("play").addEventListener("click", () => {
  change({ playing: !state.playing });
  clock = performance.now();
  requestAnimationFrame(tick);
});
data.frames.forEach((_, frame) => {
  const figure = document.createElement("figure"), canvas = document.createElement("canvas"), caption = document.createElement("figcaption");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Frame ${frame + 1} with its sampling points. Arrow keys choose a token.`);
  caption.append(Object.assign(document.createElement("span"), { textContent: frame + 1 }), Object.assign(document.createElement("span"), { textContent: `${data.times[frame].toFixed(2)} s` }));
  figure.append(canvas, caption);
  $("strip").append(figure);
  listen(canvas, () => frame);
});
listen($("film"), () => state.time);

let grabbed = null;
$("box").addEventListener("pointerdown", event => { grabbed = event; $("box").setPointerCapture(event.pointerId); });
$("box").addEventListener("pointermove", event => {
  if (!grabbed) return tell(event, boxPointAt($("box"), event));
  turn((event.clientX - grabbed.clientX) * 0.008, (event.clientY - grabbed.clientY) * 0.008);
  grabbed = event;
});
$("box").addEventListener("pointerup", () => { grabbed = null; });
$("box").addEventListener("mouseleave", () => tell(null, null));
$("box").addEventListener("keydown", event => {
  const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
  if (step) { event.preventDefault(); turn(...step); }
});
function turn(yaw, pitch) {
  state.yaw += yaw;
  state.pitch = Math.min(1.45, Math.max(-1.45, state.pitch + pitch));
  redraw();
}

/* ---- saving ---- */
function save(blob, ending) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${[data.clip.replace(/\.[^.]*$/, ""), state.layer, state.pathway].filter(Boolean).join("-").replace(/ /g, "-")}.${ending}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function offscreen(width, height = width) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
/* What is shown as a moving picture: the film, or the box, which swings once to and fro meanwhile. */
function drawMoment(context, size, time, shown) {
  if (state.view === "film") drawFrame(context, size, time, shown);
  else drawBox(context, size, shown, time, state.yaw + 0.5 * Math.sin(2 * Math.PI * time / last));
}
$("save-png").addEventListener("click", () => {  // as large as print wants it
  const shown = marks(), size = 2 * span, cell = offscreen(size);
  let picture = offscreen(2 * size);
  if (state.view === "box") drawBox(picture.getContext("2d"), 2 * size, shown);
  else {  // the strip
    const columns = Math.min(4, last + 1);
    picture = offscreen(columns * size, Math.ceil((last + 1) / columns) * size);
    data.frames.forEach((_, frame) => {
      drawFrame(cell.getContext("2d"), size, frame, shown);
      picture.getContext("2d").drawImage(cell, frame % columns * size, Math.floor(frame / columns) * size);
    });
  }
  picture.toBlob(blob => save(blob, "png"));
});
$("save-json").hidden = !data.traces.length;  // there are no points to tell of
$("save-json").addEventListener("click", () => {
  const trace = chosen(), shown = marks();
  const round = ({ t, y, x }) => [t, y, x].map(value => +value.toFixed(2));
  save(new Blob([JSON.stringify({ clip: data.clip, times: data.times, model: data.model, layer: trace.layer, pathway: trace.pathway, grid: trace.grid,
    points: trace.points, token: state.token, frame_y_x: shown.map(m => ({ group: m.group, point: m.index, reference: round(m.from), position: round(m.to), in_bounds: +m.inside.toFixed(4), weight: +m.weight.toFixed(5) })) })],
    { type: "application/json" }), "json");
});
$("save-gif").addEventListener("click", () => {
  const size = 360, canvas = offscreen(size), context = canvas.getContext("2d", { willReadFrequently: true }), shown = marks(), pictures = [];
  for (let time = 0; time <= last + 1e-6; time += 0.25) {
    drawMoment(context, size, Math.min(time, last), shown);
    pictures.push(context.getImageData(0, 0, size, size).data);
  }
  save(new Blob([gif(pictures, size, 10)], { type: "image/gif" }), "gif");
});


const MP4 = "video/mp4;codecs=avc1.42E01E";
$("save-mp4").hidden = !(window.MediaRecorder && MediaRecorder.isTypeSupported(MP4));  // not every browser writes H.264
$("save-mp4").addEventListener("click", ({ target: button }) => {  // recorded as it plays, so it takes as long
  const size = 480, canvas = offscreen(size), context = canvas.getContext("2d"), shown = marks(), parts = [];
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: MP4, videoBitsPerSecond: 4e6 });
  recorder.addEventListener("dataavailable", event => parts.push(event.data));
  recorder.addEventListener("stop", () => {
    button.disabled = false; button.textContent = "MP4";
    save(new Blob(parts, { type: "video/mp4" }), "mp4");
  });
  button.disabled = true;
  let started = null;
  requestAnimationFrame(function draw(now) {
    started ??= now;
    const time = (now - started) / 1000 * PACE;
    drawMoment(context, size, Math.min(time, last), shown);
    button.textContent = `${Math.min(100, Math.round(100 * time / last))} %`;
    if (time > last + 0.5) return recorder.stop();
    if (recorder.state === "inactive") recorder.start();
    requestAnimationFrame(draw);
  });
});
$("save-html").addEventListener("click", () => save(new Blob([frameElement.srcdoc], { type: "text/html" }), "html"));

/* An animated GIF: 256 fixed colours (6 × 7 × 6 levels), ordered dither, LZW. `delay` in hundredths of a second. */
function gif(pictures, size, delay) {
  const out = [], word = value => out.push(value & 255, value >> 8), text = string => out.push(...[...string].map(c => c.charCodeAt(0)));
  const levels = [6, 7, 6], bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
  text("GIF89a"); word(size); word(size); out.push(0xf7, 0, 0);
  for (let i = 0; i < 256; i++) {
    const index = [Math.floor(i / 42) % 6, Math.floor(i / 6) % 7, i % 6];
    out.push(...index.map((value, c) => i < 252 ? Math.round(value * 255 / (levels[c] - 1)) : 0));
  }
  out.push(0x21, 0xff, 11); text("NETSCAPE2.0"); out.push(3, 1, 0, 0, 0);
  for (const pixels of pictures) {
    const indices = new Uint8Array(size * size);
    for (let i = 0; i < indices.length; i++) {
      const threshold = (bayer[(Math.floor(i / size) & 3) * 4 + (i % size & 3)] + 0.5) / 16;
      const [r, g, b] = levels.map((count, c) => Math.min(count - 1, Math.floor(pixels[4 * i + c] / 255 * (count - 1) + threshold)));
      indices[i] = r * 42 + g * 6 + b;
    }
    out.push(0x21, 0xf9, 4, 4); word(delay); out.push(0, 0, 0x2c); word(0); word(0); word(size); word(size); out.push(0, 8);
    const packed = lzw(indices);
    for (let at = 0; at < packed.length; at += 255) { const block = packed.subarray(at, at + 255); out.push(block.length, ...block); }
    out.push(0);
  }
  out.push(0x3b);
  return new Uint8Array(out);
}
function lzw(indices) {
  const CLEAR = 256, END = 257, packed = [];
  let table = new Map(), next = 258, width = 9, held = 0, bits = 0;
  const emit = code => { held |= code << bits; bits += width; while (bits >= 8) { packed.push(held & 255); held >>>= 8; bits -= 8; } };
  emit(CLEAR);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const key = prefix * 256 + indices[i];
    if (table.has(key)) { prefix = table.get(key); continue; }
    emit(prefix);
    if (next < 4096) { table.set(key, next); if (next === 1 << width && width < 12) width++; next++; }
    else { emit(CLEAR); table = new Map(); next = 258; width = 9; }
    prefix = indices[i];
  }
  emit(prefix); emit(END);
  if (bits) packed.push(held & 255);
  return new Uint8Array(packed);
}

/* ---- start ---- */
let frame = null;
try { frame = frameElement; } catch { /* in a frame of another origin */ }
if (frame) {  // inside the demo: light or dark as the page around it, as high as it needs to be, and to be saved as a file
  document.documentElement.dataset.theme = frame.ownerDocument.body.classList.contains("dark") ? "dark" : "light";
  new ResizeObserver(() => { frame.style.height = `${document.documentElement.offsetHeight}px`; }).observe(document.documentElement);
  $("save-html").hidden = false;
}
const CHOICES = ["pathway", "layer", "group", "view", "yaw", "pitch"];  // stay for the next clip
try {
  const kept = JSON.parse(sessionStorage.getItem("explorer") || "{}");
  if (layers.includes(kept.layer) && pathways.includes(kept.pathway)) Object.assign(state, kept);
} catch { /* no storage here */ }
$("title").textContent = `Where the network read in ${data.clip}`;
$("about").textContent = [data.model, data.about].filter(Boolean).join(" · ");
$("untrained").hidden = data.trained || !data.traces.length;
addEventListener("resize", redraw);
Promise.all(images.map(image => image.decode())).then(() => { change({}); document.documentElement.dataset.ready = "yes"; });
