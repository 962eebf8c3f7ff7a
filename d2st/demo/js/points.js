"use strict";
/* The points of one layer and pathway over the newest picture, with the stage's own marks: solid where they read now,
   a dot where they read before. */
d2st.points = (() => {
  const FAINTEST = 0.08;  // nearness in time below which a mark could not be seen
  const MARGIN = 8;  // pixels of what the network saw, beyond which no mark stands
  const floats = text => new Float32Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);

  /* Arrays as `explorer.points_of` gives them → marks; y and x are shares of the picture, `near` is 1 at its time. */
  function decoded({ position, weight, in_bounds, grid, groups, even }) {
    const places = floats(position), paid = floats(weight), inside = floats(in_bounds), each = paid.length / groups;
    const last = grid[0] - 1, token = (axis, at) => (places[3 * at + axis] + 1) / 2 * (grid[axis] - 1);
    return Array.from(paid, (weight, at) => ({
      group: Math.floor(at / each), inside: inside[at], bold: false, radius: Math.min(12, Math.max(2, 5 * weight / even)),
      near: Math.max(0, 1 - Math.abs(Math.min(last, token(0, at)) - last)),
      y: (token(1, at) + 0.5) / grid[1], x: (token(2, at) + 0.5) / grid[2],
    })).sort((one, other) => one.near - other.near);
  }

  /* Marks on a canvas that lies over a film; side: of the picture that the network saw, in pixels. */
  function draw(canvas, video, marks, side, mirrored) {
    const ratio = window.devicePixelRatio || 1, { clientWidth, clientHeight } = canvas, { videoWidth, videoHeight } = video;
    Object.assign(canvas, { width: clientWidth * ratio, height: clientHeight * ratio });  // which empties it
    if (!marks || !videoWidth || !clientWidth) return;
    const context = canvas.getContext("2d"), scale = Math.min(canvas.width / videoWidth, canvas.height / videoHeight);
    const wide = scale * videoWidth, high = scale * videoHeight, left = (canvas.width - wide) / 2, top = (canvas.height - high) / 2;
    const unit = Math.min(wide, high) / side, pen = d2st.stage.pen();
    const within = (share, from, length) => Math.min(from + length + MARGIN * unit, Math.max(from - MARGIN * unit, from + share * length));
    for (const mark of marks) {
      const at = { y: within(mark.y, top, high), x: within(mirrored ? 1 - mark.x : mark.x, left, wide) };
      pen.drawDot(context, at, mark, unit);
      if (mark.near < FAINTEST) continue;
      context.globalAlpha = mark.near * (mark.inside || 1);
      pen.drawMark(context, at, mark, unit);
    }
  }

  return { decoded, draw };
})();
