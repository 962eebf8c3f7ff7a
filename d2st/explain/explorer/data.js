"use strict";
/* What there is to show, and what of it is shown. Points are (t, y, x): t in frames that the network saw, counted
   from 0, y and x in pixels of such a frame, from its edge. Moments of the film are in seconds. */
const SOURCE = `<!doctype html>\n${document.documentElement.outerHTML}`;  // before anything is drawn: what "This view" saves
const $ = id => document.getElementById(id);
let data = null;  // what `shown` in Python gives, its pictures decoded; null where there is no clip
const state = { pathway: "spatial", layer: null, group: "all", view: "film", readers: "all", heat: false, usual: false, mirror: false,
  time: 0, playing: false, token: null, point: null, hover: null, marks: true, yaw: -0.62, pitch: 0.42 };

const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const floats = text => new Float32Array(bytes(text).buffer);

async function picture(source) {
  const image = Object.assign(new Image(), { src: source });
  await image.decode();
  return image;
}

async function prepared(said) {
  const [images, sheet] = await Promise.all([Promise.all(said.frames.map(picture)), said.film && picture(said.film.picture)]);
  const unique = name => [...new Set(said.traces.map(trace => trace[name]))];
  return { ...said, said, images, sheet, traces: said.traces.map(trace => ({ ...trace })),
    layers: unique("layer"), pathways: unique("pathway"), last: said.frames.length - 1, looks: said.looks || 1, part: said.part || [0, said.duration] };
}

/* The side of a token in pixels of a frame: along 1, down, or 2, across. */
const tokenPixels = (trace, axis) => data.image / trace.grid[axis];

/* The frames of a look, first and last; without one, of all. */
const framesOfLook = look => {
  const count = (data.last + 1) / data.looks;
  return look === undefined ? [0, data.last] : [look * count, (look + 1) * count - 1];
};

const lookOf = frame => Math.floor(frame * data.looks / (data.last + 1));

/* The points of one trace, decoded when they are first asked for: those of the first look, of the second and so on. */
function points(trace) {
  if (trace.decoded) return trace.decoded;
  const [reference, position, weight, inBounds] = ["reference", "position", "weight", "in_bounds"].map(name => floats(trace[name]));
  const usual = trace.usual && floats(trace.usual), count = reference.length / 3;
  const attention = trace.attention && bytes(trace.attention);  // of single tokens; not of every network it is known
  const locate = (from, at, look) => {  // −1 and 1 are the centres of the first and last token of an axis
    const index = [0, 1, 2].map(axis => (from[at + axis] + 1) / 2 * (trace.grid[axis] - 1));
    return { t: framesOfLook(look)[0] + index[0], y: (index[1] + 0.5) * tokenPixels(trace, 1), x: (index[2] + 0.5) * tokenPixels(trace, 2) };
  };
  const groups = Array.from({ length: trace.groups }, (_, group) => Array.from({ length: data.looks * count }, (_, index) => {
    const look = Math.floor(index / count), of = index % count, at = (look * trace.groups + group) * count + of;
    return { group, index, look, key: `${group}-${index}`, reference: locate(reference, 3 * of, look),
      usual: usual && locate(usual, 3 * (group * count + of), look), to: locate(position, 3 * at, look), weight: weight[at], inside: inBounds[at] };
  }));
  const queries = attention && attention.length / (data.looks * trace.groups * count);
  const paid = ({ group, index, look }, query) => {
    const of = look * trace.groups + group;
    return attention[(of * queries + query) * count + index % count] / 255 * trace.peaks[of];
  };
  return trace.decoded = { groups, paid };
}

const traceOf = (layer, pathway) => data?.traces.find(trace => trace.layer === layer && trace.pathway === pathway);
const chosen = () => traceOf(state.layer, state.pathway);
const fromUsual = () => state.usual && Boolean(chosen()?.usual);

/* How much attention is paid to a point by those who are asked: a token, the class tokens, or all. */
function attentionOf(trace) {
  const { paid } = points(trace);
  if (state.token && trace.attention) {
    const { look, query } = queryOf(trace, state.token);
    return mark => mark.look === look ? paid(mark, query) : 0;
  }
  if (state.readers === "class" && trace.class_queries) return mark => paid(mark, 0);  // their mean
  return mark => mark.weight;
}

/* The marks that are shown, each with the weight that decides its size. */
function marks() {
  const trace = chosen();
  if (!trace || !state.marks) return [];
  const { groups } = points(trace), paid = attentionOf(trace);
  return (state.group === "all" ? groups : [groups[state.group]]).flat().map(mark => {
    const weight = paid(mark);
    return { ...mark, from: fromUsual() ? mark.usual : mark.reference, weight, radius: Math.min(12, Math.max(2, 5 * weight / trace.even)) };
  });
}

/* A token is kept as a place (frame, pixels), so that it means the same in every layer. Where there are very many, a
   box of some stands for them, with their mean attention. */
const blockPixels = (trace, axis) => trace.block * tokenPixels(trace, axis);
function queryOf(trace, { frame, y, x }) {
  const [, height, width] = trace.grid;
  const [rows, columns] = [height, width].map(tokens => Math.ceil(tokens / trace.block));
  const row = Math.min(rows - 1, Math.floor(y / blockPixels(trace, 1))), column = Math.min(columns - 1, Math.floor(x / blockPixels(trace, 2)));
  const look = Math.floor(frame / trace.grid[0]), moment = Math.floor(frame % trace.grid[0] / trace.span);
  return { look, query: trace.class_queries + (moment * rows + row) * columns + column };
}

/* ---- time ---- */
/* A moment of the film, in frames that the network saw. */
function frameAt(seconds) {
  const after = data.times.findIndex(time => time > seconds);
  if (after === 0) return 0;
  if (after < 0) return data.last;
  const from = data.times[after - 1];
  return after - 1 + (seconds - from) / (data.times[after] - from);
}
const seenAt = seconds => data.times.indexOf(seconds);  // −1 between the frames
/* How near a place in time is to a frame, 0…1; beyond the edge of its look it stands at the edge. */
function nearness(t, frame, look) {
  const [first, last] = framesOfLook(look);
  return Math.max(0, 1 - Math.abs(Math.min(last, Math.max(first, t)) - frame));
}

/* The first frame that has a fair number of points. */
function firstWithPoints() {
  const near = data.times.map((_, frame) => marks().reduce((sum, mark) => sum + (mark.inside ? nearness(mark.to.t, frame, mark.look) : 0), 0));
  return Math.max(0, near.findIndex(sum => sum > Math.max(...near) / 3));
}
