/* What is said of what is shown. */
const number = (value, digits) => value.toFixed(digits).replace("-", "−");
const percent = share => `${number(100 * share, share < 0.1 ? 1 : 0)} %`;
/* A place in pixels of the frame as it was given to the network. */
const inFrame = ({ t, y, x }) => ({ t, y: y / data.image * data.pixels[0], x: x / data.image * data.pixels[1] });

function describe() {
  const trace = chosen();
  const frame = state.playing ? -1 : seenAt(shownTime());
  $("margin").textContent = data.decided && frame >= 0 ? `${marginOf(frame)} ` : "";
  $("count").textContent = trace ? ofPoints(trace) : data.kind
    ? "This adapter reads at fixed places: it has no sampling points." : "There is no adapter, so there are no sampling points.";
  $("forget").hidden = !trace || !state.token;
  $("token").textContent = trace ? ofReaders(trace) : "";
  $("token").classList.toggle("hint", !state.token);  // where there is little room, it may go
  $("scale").hidden = !trace || !state.heat;
}
function ofPoints(trace) {
  const outside = marks().filter(mark => !mark.inside).length;
  if (fromUsual()) {
    return `Arrows lead from where these points are on average over many clips to where they are in this one. Of their offsets, ${percent(trace.own_share)} is this clip’s own.`;
  }
  const looks = data.looks > 1 ? `, in each of ${data.looks} looks at the clip` : "";
  return `${trace.about}${looks}${outside ? `, ${outside} of them outside the ${data.last ? "clip" : "picture"}` : ""}.`;
}
function marginOf(frame) {
  const { first, second, margins } = data.decided;
  return `Frame ${frame + 1} speaks for “${margins[frame] < 0 ? second : first}”: ${number(margins[frame], 3)} of the margin.`;
}
function ofReaders(trace) {
  if (!trace.attention) return trace.weighed ? "Sizes: attention." : "";
  const token = state.token && { ...state.token, ...inFrame(state.token) }, { block, span } = trace;
  const one = block === 1 ? "the token" : `the ${block} × ${block} tokens`;
  if (token) return `Sizes: attention of ${one} at ${Math.round(token.x)}, ${Math.round(token.y)} px in ${framesOf(token.frame, span)}. All tokens share the points.`;
  const readers = state.readers === "class" && trace.class_queries ? "the class tokens" : "all tokens";
  const where = block === 1 && span === 1 ? "one token’s"
    : `that of ${block === 1 ? "a token" : `${block} × ${block} tokens`}${span === 1 ? "" : ` in ${span} frames`}: only their mean is kept, so that this page stays small`;
  return `Sizes: attention that ${readers} pay on average. Click into the picture for ${where}.`;
}
/* The frames that are kept together with one. */
function framesOf(frame, span) {
  const [begin, end] = framesOfLook(lookOf(frame));
  const first = frame - (frame - begin) % span, last = Math.min(first + span - 1, end);
  return first === last ? `frame ${first + 1}` : `frames ${first + 1} to ${last + 1}`;
}

function ofPoint(mark) {
  const trace = chosen();
  const read = mark.inside === 1 ? "" : mark.inside ? `, ${percent(mark.inside)} inside the clip` : ", reads nothing of the clip";
  const from = inFrame(mark.from), to = inFrame(mark.to), step = axis => to[axis] - from[axis];
  const frame = data.last ? `frame ${number(from.t + 1, 1)}, ` : "", moved = data.last ? `${number(step("t"), 2)} frames, ` : "";
  const count = points(trace).groups[0].length / data.looks, look = data.looks > 1 ? ` of look ${mark.look + 1}` : "";
  return [`Group ${mark.group + 1}, point ${mark.index % count + 1}${look}${read}`,
    `${fromUsual() ? "Usually" : "Reference"}: ${frame}${number(from.x, 0)}, ${number(from.y, 0)} px`,
    `${fromUsual() ? "This clip" : "Offset"}: ${moved}${number(step("x"), 1)} px across, ${number(step("y"), 1)} px down`,
    ...(trace.weighed ? [`Attention: ${number(100 * mark.weight, 1)} %`] : [])].join("\n");
}

function legend() {
  const trace = chosen(), items = [];
  if (trace) {
    const mark = { group: 0, radius: 6, inside: 1 };
    items.push(["Cross", fromUsual() ? "where the point usually is" : "reference point", c => drawCross(c, { y: 11, x: 11 }, 1, 1)],
      ["Arrow", fromUsual() ? "what this clip changed" : data.last ? "offset; dotted: from another frame" : "offset", c => drawArrow(c, { ...mark, radius: 1, bold: true, near: 1, here: 1 }, { y: 17, x: 3 }, { y: 6, x: 18 }, 1)]);
    for (let group = 0; group < trace.groups; group++) items.push([`Group ${group + 1}`, SHAPES[group % SHAPES.length], c => drawMark(c, { y: 11, x: 11 }, { ...mark, group }, 1)]);
    if (data.last) items.push(["Dot", "a point that reads at another moment", c => drawDot(c, { y: 11, x: 11 }, mark, 2)]);
    items.push(["Faint", data.last ? "between two frames, or partly outside the clip" : "partly outside the picture", c => { c.globalAlpha = 0.35; drawMark(c, { y: 11, x: 11 }, mark, 1); }],
      ["Hollow", `reads nothing: outside the ${data.last ? "clip" : "picture"}`, c => drawMark(c, { y: 11, x: 11 }, { ...mark, inside: 0 }, 1)]);
  }
  if (data.looks > 1) items.push(["Bands on the time line", "looks: the network sees each by itself, and nothing in between", drawBand]);
  if (data.decided) {
    const { first, second } = data.decided;
    items.push(["Bars on the time line", `frames that speak for “${first}” (filled) or “${second}” (hollow): their share of the margin`, drawBars]);
  }
  document.querySelectorAll(".legend").forEach(list => list.replaceChildren(...items.map(legendItem)));
}
function legendItem([name, meaning, draw]) {
  const canvas = offscreen(44), context = canvas.getContext("2d");
  context.scale(2, 2);
  draw(context);
  canvas.setAttribute("aria-hidden", "true");
  const item = document.createElement("li"), text = document.createElement("span"), bold = document.createElement("b");
  bold.textContent = name;
  text.append(bold, `: ${meaning}`);
  item.append(canvas, text);
  return item;
}
function drawBars(context) {
  context.fillStyle = context.strokeStyle = "#fff";
  context.fillRect(4, 4, 5, 14);
  context.strokeRect(13, 9, 4, 9);
}
function drawBand(context) {
  context.fillStyle = "#fff";
  context.globalAlpha = 0.5;
  context.fillRect(2, 8, 18, 6);
}
function heatScale() {
  const canvas = $("colours"), context = canvas.getContext("2d");
  for (let x = 0; x < canvas.width; x++) {
    const [r, g, b, a] = heatColour(2 ** (x / canvas.width * Math.log2(1 + FULL)) - 1);
    context.fillStyle = `rgb(${r} ${g} ${b} / ${a / 255})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
}
