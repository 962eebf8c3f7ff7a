/* The film in its own shape, and where a place of a frame lies in it. */
const MARGIN = 8;  // frame pixels left dark around the picture, where points that fell outside it stand
const FILM = "#262930";

/* Where the picture lies in a canvas of that size. */
function layOut(width, height, mirror = state.mirror) {
  const aspect = data.width / data.height, edge = MARGIN / data.image;
  const across = Math.max(1, aspect) + 2 * edge, down = Math.max(1, 1 / aspect) + 2 * edge;  // in shorter sides
  const short = Math.min(width / across, height / down), margin = short * edge;
  const wide = short * Math.max(1, aspect), high = short * Math.max(1, 1 / aspect);
  const left = (width - wide) / 2, top = (height - high) / 2, unit = short / data.image;
  const at = ({ y, x }) => ({ y: top + y / data.image * high, x: left + (mirror ? 1 - x / data.image : x / data.image) * wide });
  const clamp = (value, from, length) => Math.min(from + length + margin, Math.max(from - margin, value));
  return { left, top, wide, high, unit, mirror, at,
    edge: place => { const found = at(place); return { y: clamp(found.y, top, high), x: clamp(found.x, left, wide) }; },
    back: (y, x) => ({ y: (y - top) / high * data.image, x: (mirror ? 1 - (x - left) / wide : (x - left) / wide) * data.image }) };
}

/* Which picture of the sheet is shown at a moment. */
function pictureAt(seconds) {
  const { times } = data.film;
  let index = times.length - 1;
  while (index > 0 && times[index] > seconds + 1e-4) index--;
  return index;
}

/* Draws the clip at a moment into a place: at a frame that the network saw, that very frame. */
function drawPicture(context, seconds, { left, top, wide, high, mirror }) {
  context.save();
  context.translate(left + (mirror ? wide : 0), top);
  context.scale(mirror ? -1 : 1, 1);
  const seen = seenAt(seconds);
  if (seen >= 0) context.drawImage(data.images[seen], 0, 0, wide, high);
  else if (data.sheet) {
    const { width, height, columns } = data.film, index = pictureAt(seconds);
    context.drawImage(data.sheet, index % columns * width, Math.floor(index / columns) * height, width, height, 0, 0, wide, high);
  } else {  // without a film, the frames fade over
    const frame = frameAt(seconds), before = Math.floor(frame), alpha = context.globalAlpha;
    context.drawImage(data.images[before], 0, 0, wide, high);
    context.globalAlpha = alpha * (frame - before);
    if (frame > before) context.drawImage(data.images[before + 1], 0, 0, wide, high);
  }
  context.restore();
}

/* ---- playing ---- */
const FASTEST = 1000 / 40;  // milliseconds between two pictures on the screen
const HOLD = 0.35;  // seconds that the last picture stands before the film begins again
let clock = 0, running = false, inSight = true;
function play(playing) {
  state.playing = playing;
  run();
}
function run() {
  if (running || !state.playing || !inSight) return;
  running = true;
  clock = performance.now();
  requestAnimationFrame(tick);
}
function tick(now) {
  running = state.playing && Boolean(data) && inSight;
  if (!running) return;
  const passed = now - clock;
  if (passed >= FASTEST) {
    clock = now;
    const next = state.time + Math.min(passed, 200) / 1000;
    state.time = next > data.part[1] + HOLD || next < data.part[0] ? data.part[0] : next;
    redraw();
  }
  requestAnimationFrame(tick);
}
const shownTime = () => Math.min(Math.max(state.time, data.part[0]), data.part[1]);
