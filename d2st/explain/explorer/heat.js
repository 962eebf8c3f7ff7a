/* Where attention falls: each point's share laid on the tokens that it reads, as a layer over the film. */
const FULL = 16;  // times the uniform share, from which the colour is full: the same in every layer
const HEAT = [[0, [70, 20, 120, 0]], [0.25, [120, 30, 150, 120]], [0.5, [215, 60, 90, 170]], [0.75, [250, 140, 30, 205]], [1, [255, 235, 120, 230]]];

/* [T, H, W]: how many times as much attention falls on a token as if it fell on all alike. What a point reads beyond
   the clip falls on no token. */
function weightMap(trace) {
  const { groups } = points(trace), paid = attentionOf(trace), chosenGroups = state.group === "all" ? groups : [groups[state.group]];
  const [frames, height, width] = trace.grid, look = frames * height * width, map = new Float32Array(data.looks * look), scale = look / chosenGroups.length;
  for (const mark of chosenGroups.flat()) {
    const weight = paid(mark) * scale, first = mark.look * frames;
    for (const [t, a] of around(mark.to.t - first, frames))
      for (const [y, b] of around(mark.to.y / tokenPixels(trace, 1) - 0.5, height))
        for (const [x, c] of around(mark.to.x / tokenPixels(trace, 2) - 0.5, width)) map[((first + t) * height + y) * width + x] += weight * a * b * c;
  }
  return map;
}
/* The tokens on both sides of a place, with their shares, those outside left out. */
function around(index, count) {
  const before = Math.floor(index), share = index - before;
  return [[before, 1 - share], [before + 1, share]].filter(([token, part]) => part > 0 && token >= 0 && token < count);
}

const strength = times => Math.min(1, Math.log2(1 + times) / Math.log2(1 + FULL));
function heatColour(times) {
  const at = strength(times), above = Math.max(1, HEAT.findIndex(([stop]) => stop >= at));
  const [from, low] = HEAT[above - 1], [to, high] = HEAT[above];
  return low.map((value, c) => value + (high[c] - value) * (at - from) / (to - from));
}

let mapped = null;  // the last map, and what it is of
function heatNow(trace) {
  const of = [state.group, state.readers, JSON.stringify(state.token)].join();
  if (mapped?.trace !== trace || mapped.of !== of) mapped = { trace, of, map: weightMap(trace) };
  return mapped.map;
}
function drawHeat(context, frame, place) {
  const trace = chosen(), map = heatNow(trace), [, height, width] = trace.grid;
  const before = Math.floor(frame), after = Math.min(before + 1, data.last), share = frame - before;
  const canvas = offscreen(width, height), pixels = new ImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    const times = map[before * height * width + i] * (1 - share) + map[after * height * width + i] * share;
    pixels.data.set(heatColour(times), 4 * i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  context.save();
  context.translate(place.left + (place.mirror ? place.wide : 0), place.top);
  context.scale(place.mirror ? -1 : 1, 1);
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, place.wide, place.high);  // a token's colour stands at its centre
  context.restore();
}
