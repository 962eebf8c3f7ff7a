/* What is shown, as a file. */
const PRINT = 1600;  // pixels along the longer side of a picture
const MOVING = 480;  // of a film
const MP4 = "video/mp4;codecs=avc1.42E01E";
const swing = seconds => state.yaw + 0.5 * Math.sin(2 * Math.PI * (seconds - data.part[0]) / (data.part[1] - data.part[0]));

function offscreen(width, height = width) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
function save(blob, ending) {
  const name = [data.clip.replace(/\.[^.]*$/, ""), state.layer, state.pathway].filter(each => each && chosen() || each === data.clip.replace(/\.[^.]*$/, ""));
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${name.join("-").replace(/ /g, "-")}.${ending}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
/* Width and height of a picture in the shape of what is shown, both even, as films want them. */
function sizeOf(longest) {
  const edge = 2 * MARGIN / data.image, box = state.view === "box", aspect = data.width / data.height;
  const across = box ? 470 : Math.max(1, aspect) + edge, down = box ? 400 : Math.max(1, 1 / aspect) + edge;
  return [across, down].map(side => 2 * Math.round(longest * side / Math.max(across, down) / 2));
}
/* A moment: of the film, or of the box, which swings once to and fro meanwhile where it moves. */
function drawShown(context, [width, height], seconds, shown, moving) {
  if (state.view === "film") drawMoment(context, width, height, seconds, shown);
  else drawBox(context, width, height, shown, seconds, moving ? swing(seconds) : state.yaw);
}
/* The moments of the film, and how long each stands, in seconds. */
function moments() {
  const [from, to] = data.part, times = (data.film?.times || data.times).filter(time => time >= from - 1e-3 && time <= to + 1e-3);
  return times.map((time, index) => ({ time, lasting: Math.max(0.02, (times[index + 1] ?? Math.max(to, time + 0.05)) - time) }));
}

const SAVE = {
  png() {
    const size = sizeOf(PRINT), picture = offscreen(...size);
    drawShown(picture.getContext("2d"), size, shownTime(), marks());
    picture.toBlob(blob => save(blob, "png"));
  },
  svg() {
    const size = sizeOf(PRINT), drawing = new Svg(...size);
    drawShown(drawing, size, shownTime(), marks());
    save(new Blob([drawing.text(`${data.clip}, ${state.layer ?? ""}, ${state.pathway}`)], { type: "image/svg+xml" }), "svg");
  },
  gif() {
    const size = sizeOf(360), canvas = offscreen(...size), context = canvas.getContext("2d", { willReadFrequently: true }), shown = marks();
    const pictures = moments().map(({ time, lasting }) => {
      drawShown(context, size, time, shown, true);
      return { pixels: context.getImageData(0, 0, ...size).data, delay: Math.max(2, Math.round(100 * lasting)) };
    });
    save(new Blob([gif(pictures, ...size)], { type: "image/gif" }), "gif");
  },
  mp4(button) {  // recorded as it plays, so it takes as long
    const size = sizeOf(MOVING), canvas = offscreen(...size), context = canvas.getContext("2d"), shown = marks(), parts = [];
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: MP4, videoBitsPerSecond: 4e6 });
    recorder.addEventListener("dataavailable", event => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      button.disabled = false; button.textContent = "MP4";
      save(new Blob(parts, { type: "video/mp4" }), "mp4");
    });
    button.disabled = true;
    const [from, to] = data.part;
    let started = null;
    requestAnimationFrame(function draw(now) {
      started ??= now;
      const passed = (now - started) / 1000;
      drawShown(context, size, Math.min(from + passed, to), shown, true);
      button.textContent = `${Math.min(100, Math.round(100 * passed / (to - from)))} %`;
      if (from + passed > to + HOLD) return recorder.stop();
      if (recorder.state === "inactive") recorder.start();
      requestAnimationFrame(draw);
    });
  },
  json() {
    const { layer, pathway, grid, points: counts, own_share } = chosen();
    save(new Blob([JSON.stringify({ clip: data.clip, times: data.times, model: data.model, layer, pathway, grid, points: counts, own_share,
      token: state.token, decided: data.decided, frame_y_x: numbers() })], { type: "application/json" }), "json");
  },
  csv() {
    const cell = value => (typeof value === "string" ? `"${value.replace(/"/g, '""')}"` : value ?? "");
    const rows = numbers().map(({ group, point, reference, usual, position, in_bounds, weight }) =>
      [data.clip, state.layer, state.pathway, group, point, ...reference, ...(usual || ["", "", ""]), ...position, in_bounds, weight].map(cell).join(","));
    const place = name => [`${name}_frame`, `${name}_y`, `${name}_x`];
    const head = ["clip", "layer", "pathway", "group", "point", ...place("reference"), ...place("usual"), ...place("position"), "in_bounds", "attention"].join(",");
    save(new Blob([`${[head, ...rows].join("\r\n")}\r\n`], { type: "text/csv" }), "csv");
  },
  html() {
    const kept = Object.fromEntries([...KEPT, "time", "yaw", "pitch", "point"].map(name => [name, state[name]]));
    const message = JSON.stringify({ show: data.said, go: kept }).replace(/</g, "\\u003c"), before = 'id="message">';
    const begin = SOURCE.indexOf(before) + before.length, end = SOURCE.indexOf("<\/script>", begin);
    save(new Blob([SOURCE.slice(0, begin), message, SOURCE.slice(end)], { type: "text/html" }), "html");
  },
};
/* Of each point that is shown: places as (frame, y, x), counted from 0, in pixels of the frames that the network saw. */
function numbers() {
  const round = place => place && Object.values(inFrame(place)).map(value => +value.toFixed(2));
  return marks().map(mark => ({ group: mark.group, point: mark.index, reference: round(mark.reference), usual: round(mark.usual) ?? undefined,
    position: round(mark.to), in_bounds: +mark.inside.toFixed(4), weight: +mark.weight.toFixed(5) }));
}

document.querySelector("[data-save=mp4]").hidden = !(window.MediaRecorder && MediaRecorder.isTypeSupported(MP4));  // not every browser writes H.264
for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => {
  SAVE[button.dataset.save](button);
  if (button.dataset.save !== "mp4") $("formats").hidePopover();
});
$("formats").addEventListener("toggle", event => {
  if (event.newState !== "open") return;
  const at = $("saving").getBoundingClientRect(), box = $("formats");
  box.style.left = `${Math.max(6, Math.min(at.left, innerWidth - box.offsetWidth - 6))}px`;
  box.style.top = `${at.top > box.offsetHeight + 8 ? at.top - box.offsetHeight - 6 : at.bottom + 6}px`;
});
