/* The time line, with the frames that the network saw. */
const SNAP = 7;  // pixels on the screen: so near to a mark, the mark is meant
const MOST_NAMES = 16;  // of marks: where there are more frames, the first of each look has its own

function drawLine() {
  const [from, to] = data.part, at = seconds => `${100 * (seconds - from) / Math.max(to - from, 1e-6)}%`;
  $("time").min = from;
  $("time").max = to;
  const margins = data.decided?.margins, most = margins && Math.max(...margins.map(Math.abs), 1e-9);
  const looks = data.looks > 1 ? Array.from({ length: data.looks }, (_, look) => {
    const band = document.createElement("s"), [first, last] = framesOfLook(look).map(frame => data.times[frame]);
    band.style.left = at(first);
    band.style.width = `${100 * (last - first) / Math.max(to - from, 1e-6)}%`;
    return band;
  }) : [];
  $("marks").replaceChildren(...looks, ...data.times.flatMap((seconds, frame) => {
    const tick = document.createElement("i"), name = document.createElement("b"), bar = document.createElement("u");
    name.textContent = data.last < MOST_NAMES || frame === data.last || framesOfLook(lookOf(frame))[0] === frame ? frame + 1 : "";
    tick.style.left = name.style.left = bar.style.left = at(seconds);
    if (!margins) return [tick, name];
    bar.style.height = `${Math.max(2, 15 * Math.abs(margins[frame]) / most)}px`;
    bar.classList.toggle("against", margins[frame] < 0);
    return [tick, name, bar];
  }));
}

function showTime() {
  const seconds = shownTime(), [from, to] = data.part, seen = seenAt(seconds), nearest = Math.round(frameAt(seconds));
  const place = seen >= 0 ? `frame ${seen + 1} of ${data.last + 1}` : "between two frames that the network saw";
  $("time").value = seconds;
  $("time").style.setProperty("--done", `${100 * (seconds - from) / Math.max(to - from, 1e-6)}%`);
  if (!state.playing) $("time").setAttribute("aria-valuetext", `${seconds.toFixed(2)} seconds, ${place}`);
  $("now").textContent = innerWidth > 520 ? `${seconds.toFixed(2)} s · frame ${nearest + 1}` : `${seconds.toFixed(1)} s`;
  $("marks").querySelectorAll("b").forEach((name, frame) => name.classList.toggle("now", frame === nearest));
}
/* To a frame that the network saw. */
function jump(by) {
  const now = shownTime(), times = data.times;
  const next = by > 0 ? times.findIndex(time => time > now + 1e-3) : times.findLastIndex(time => time < now - 1e-3);
  change({ time: times[next < 0 ? (by > 0 ? 0 : data.last) : next], playing: false });
}
function nudge(by) {
  const steps = data.film?.times.length || data.times.length, [from, to] = data.part;
  change({ time: Math.min(to, Math.max(from, shownTime() + by * data.duration / steps)), playing: false });
}
$("time").addEventListener("input", ({ target }) => {
  const pixel = (target.max - target.min) / Math.max(1, target.clientWidth - 16);
  const near = data.times.find(time => Math.abs(time - target.value) < SNAP * pixel);
  change({ time: near ?? +target.value, playing: false });
});
