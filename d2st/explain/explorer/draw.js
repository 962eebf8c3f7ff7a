/* Sampling points over the film. */
const FAINTEST = 0.08;  // nearness to a moment below which a mark could not be seen
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#f0e442", "#d55e00"];  // Okabe and Ito
const SHAPES = ["disc", "square", "triangle", "diamond", "disc", "square"];
const DARK = "#14161a";

function fit(canvas) {
  const ratio = window.devicePixelRatio || 1, width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (width && (canvas.width !== width || canvas.height !== height)) { canvas.width = width; canvas.height = height; }
  return canvas.getContext("2d");
}

/* One moment of the film with all that is drawn over it. */
function drawMoment(context, width, height, seconds, shown) {
  const place = layOut(width, height), frame = frameAt(seconds);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = FILM;
  context.fillRect(0, 0, width, height);
  drawPicture(context, seconds, place);
  if (state.heat && chosen() && state.marks) drawHeat(context, frame, place);
  if (state.token && nearness(state.token.frame, frame) > 0.5) drawToken(context, place);
  const all = shown.map(mark => ({ ...mark, near: nearness(mark.to.t, frame, mark.look), here: nearness(mark.from.t, frame, mark.look), bold: isBold(mark) }));
  const near = all.filter(mark => mark.near > FAINTEST || mark.bold);
  const look = lookOf(Math.round(frame));
  all.filter(mark => mark.look === look).forEach(mark => drawDot(context, place.edge(mark.to), mark, place.unit));
  near.forEach(mark => drawArrow(context, mark, place.at(mark.from), place.edge(mark.to), place.unit));
  const starts = new Map(shown.map(mark => [fromUsual() ? mark.key : mark.index, mark]));
  for (const mark of starts.values()) {
    const here = nearness(mark.from.t, frame, mark.look);
    if (here > FAINTEST) drawCross(context, place.at(mark.from), here, place.unit, fromUsual() ? colourOf(mark) : "#fff");
  }
  near.forEach(mark => {
    context.globalAlpha = Math.max(mark.near, mark.bold ? 0.6 : 0) * (mark.inside || 1);
    drawMark(context, place.edge(mark.to), mark, place.unit);
  });
  context.globalAlpha = 1;
}

const isBold = mark => mark.key === state.point || mark.key === state.hover;
const colourOf = mark => COLOURS[mark.group % COLOURS.length];

function drawToken(context, place) {
  const trace = chosen();
  if (!trace?.attention) return;
  const high = blockPixels(trace, 1), wide = blockPixels(trace, 2), row = Math.floor(state.token.y / high), column = Math.floor(state.token.x / wide);
  const a = place.at({ y: row * high, x: column * wide }), b = place.at({ y: (row + 1) * high, x: (column + 1) * wide });
  context.globalAlpha = 1;
  for (const [colour, width] of [[DARK, 3], ["#fff", 1.4]]) {
    context.strokeStyle = colour; context.lineWidth = width * place.unit;
    context.strokeRect(Math.min(a.x, b.x), a.y, Math.abs(b.x - a.x), b.y - a.y);
  }
}

function drawCross(context, { y, x }, alpha, unit, colour = "#fff") {
  context.globalAlpha = 0.9 * alpha;
  for (const [stroke, width] of [[DARK, 2], [colour, 0.9]]) {
    context.strokeStyle = stroke; context.lineWidth = width * unit;
    context.beginPath();
    context.moveTo(x - 2.6 * unit, y); context.lineTo(x + 2.6 * unit, y); context.moveTo(x, y - 2.6 * unit); context.lineTo(x, y + 2.6 * unit);
    context.stroke();
  }
}

/* Where a point reads at another moment. */
function drawDot(context, { y, x }, mark, unit) {
  context.globalAlpha = 0.5 * (mark.inside ? 1 : 0.5);
  context.fillStyle = colourOf(mark);
  context.beginPath(); context.arc(x, y, 1.1 * unit, 0, 2 * Math.PI); context.fill();
}

function outline(context, kind, { y, x }, r) {
  context.beginPath();
  if (kind === "disc") context.arc(x, y, r, 0, 2 * Math.PI);
  else {
    const corners = { square: [[-1, -1], [1, -1], [1, 1], [-1, 1]], triangle: [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]], diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] }[kind];
    corners.forEach(([dx, dy], i) => context[i ? "lineTo" : "moveTo"](x + dx * r * 0.89, y + dy * r * 0.89));
    context.closePath();
  }
}

function drawMark(context, at, mark, unit) {
  const colour = colourOf(mark);
  outline(context, SHAPES[mark.group % SHAPES.length], at, mark.radius * unit);
  const stroke = (style, width) => { context.lineWidth = width * unit; context.strokeStyle = style; context.stroke(); };
  if (mark.inside > 0) {
    stroke(DARK, mark.bold ? 4 : 2.4);
    context.fillStyle = colour; context.fill();
    stroke("#fff", mark.bold ? 2 : 0.9);
  } else { stroke(DARK, 3); stroke(colour, mark.bold ? 2.4 : 1.8); }
}

/* Thin and faint until its point is looked at. */
function drawArrow(context, mark, from, to, unit) {
  const dy = to.y - from.y, dx = to.x - from.x, length = Math.hypot(dy, dx), reach = length - mark.radius * unit;
  if (reach < 2 * unit) return;
  const colour = colourOf(mark), alpha = mark.bold ? 1 : 0.45 * mark.near;
  context.save();
  context.globalAlpha = alpha;
  context.translate(from.x, from.y); context.rotate(Math.atan2(dy, dx));
  for (const [stroke, width] of [[DARK, mark.bold ? 2.6 : 1.2], [colour, mark.bold ? 1.4 : 0.6]]) {
    context.strokeStyle = stroke; context.lineWidth = width * unit;
    context.setLineDash(mark.here > 0 ? [] : [1.5 * unit, 3 * unit]);
    context.beginPath(); context.moveTo(0, 0); context.lineTo(reach - 2 * unit, 0); context.stroke();
  }
  context.setLineDash([]);
  context.fillStyle = colour;
  const head = (mark.bold ? 4 : 2.6) * unit;
  if (reach > head) {
    context.beginPath(); context.moveTo(reach, 0); context.lineTo(reach - head, head / 2); context.lineTo(reach - head, -head / 2); context.fill();
  }
  context.restore();
}

let due = false;
function redraw() {  // at most once a picture of the screen
  if (!due) { due = true; requestAnimationFrame(() => { due = false; paint(); }); }
}
function paint() {
  if (!data) return;
  const shown = marks(), canvas = $(state.view), context = fit(canvas);
  if (state.view === "film") drawMoment(context, canvas.width, canvas.height, shownTime(), shown);
  else drawBox(context, canvas.width, canvas.height, shown);
  paintStrip(shown);
  showTime();
  document.documentElement.dataset.painted = Number(document.documentElement.dataset.painted || 0) + 1;
}
