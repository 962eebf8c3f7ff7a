/* What a person points at: a point tells its numbers, a place in the picture chooses its token. */
function onCanvas(canvas, event) {
  const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
  return { y: (event.clientY - box.top) * ratio, x: (event.clientX - box.left) * ratio };
}
function placeAt(canvas, event) {
  const { y, x } = onCanvas(canvas, event), found = layOut(canvas.width, canvas.height).back(y, x);
  return Math.min(found.y, found.x) >= 0 && Math.max(found.y, found.x) < data.image ? found : null;
}
function pointAt(canvas, event) {
  const { y, x } = onCanvas(canvas, event), box = state.view === "box", frame = frameAt(shownTime());
  const { place, unit } = box ? boxView(canvas.width, canvas.height) : { place: layOut(canvas.width, canvas.height).edge, unit: layOut(canvas.width, canvas.height).unit };
  const reach = mark => { const at = place(mark.to); return Math.hypot(at.y - y, at.x - x) - mark.radius * unit; };
  return marks().filter(mark => (box || nearness(mark.to.t, frame, mark.look) > FAINTEST) && reach(mark) < 3 * unit).sort((a, b) => reach(a) - reach(b))[0];
}
function tell(event, mark) {
  const tip = $("tip");
  tip.hidden = !mark;
  if (state.hover !== (mark?.key ?? null)) { state.hover = mark?.key ?? null; redraw(); }
  if (!mark) return;
  tip.innerText = ofPoint(mark);
  const width = document.documentElement.clientWidth, height = innerHeight;
  tip.style.left = `${Math.max(0, Math.min(event.clientX + 14, width - tip.offsetWidth - 6))}px`;
  tip.style.top = `${Math.max(0, Math.min(event.clientY + 14, height - tip.offsetHeight - 6))}px`;
}
function choose(canvas, event) {
  const mark = pointAt(canvas, event);
  if (mark) return change({ point: state.point === mark.key ? null : mark.key });
  const place = state.view === "film" && chosen()?.attention && placeAt(canvas, event);
  if (place) setToken(place);
  else change({ point: null });
}
/* A token is of a frame that the network saw: the film stops there. */
function setToken(place) {
  const frame = Math.round(frameAt(shownTime()));
  change({ point: null, token: { frame, ...place }, time: data.times[frame], playing: false });
}
function moveToken([down, across]) {
  const trace = chosen(), from = state.token || { y: data.image / 2, x: data.image / 2 };
  const move = (value, by, axis) => Math.min(data.image - 1, Math.max(0, value + by * blockPixels(trace, axis)));
  setToken({ y: move(from.y, down, 1), x: move(from.x, state.mirror ? -across : across, 2) });
}

let grabbed = null, moved = 0;
for (const name of ["film", "box"]) {
  const canvas = $(name);
  canvas.addEventListener("pointerdown", event => { moved = 0; if (name === "box" && data) { grabbed = event; canvas.setPointerCapture(event.pointerId); } });
  canvas.addEventListener("pointerup", () => { grabbed = null; });
  canvas.addEventListener("pointermove", event => {
    if (!data) return;
    if (!grabbed) return tell(event, pointAt(canvas, event));
    const [x, y] = [event.clientX - grabbed.clientX, event.clientY - grabbed.clientY];
    moved += Math.abs(x) + Math.abs(y);
    turn(x * 0.008, y * 0.008);
    grabbed = event;
  });
  canvas.addEventListener("pointerleave", () => tell(null, null));
  canvas.addEventListener("click", event => { if (data && moved < 5) choose(canvas, event); });
}
