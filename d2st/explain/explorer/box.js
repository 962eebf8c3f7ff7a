/* The box of space and time, seen without perspective: every frame is a parallelogram. */
function boxView(width, height, yaw = state.yaw) {
  const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(state.pitch), sp = Math.sin(state.pitch);
  const unit = Math.min(width / 470, height / 400), side = data.image, stretch = Math.sqrt(data.width / data.height), long = 1.55 * side;
  const place = ({ t, y, x }) => {
    const u = (t / Math.max(data.last, 1) - 0.5) * long, v = (y - side / 2) / stretch, w = (state.mirror ? side / 2 - x : x - side / 2) * stretch;
    const across = w * cy - u * sy, depth = w * sy + u * cy;
    return { x: width / 2 + across * unit, y: height * 0.49 + (v * cp - depth * sp) * unit, depth: depth * cp + v * sp };
  };
  return { place, unit };
}

function drawBox(context, width, height, shown, seconds = shownTime(), yaw = state.yaw) {
  const { place, unit } = boxView(width, height, yaw), side = data.image, now = frameAt(seconds);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = FILM;
  context.fillRect(0, 0, width, height);
  const things = data.images.map((_, frame) => ({ frame, depth: place({ t: frame, y: side / 2, x: side / 2 }).depth }));
  for (const mark of shown) things.push({ mark: { ...mark, bold: isBold(mark) }, depth: place(mark.to).depth });
  things.sort((a, b) => b.depth - a.depth);
  for (const { mark, frame } of things) {
    if (mark) drawBoxMark(context, mark, place, unit);
    else drawBoxFrame(context, frame, place, unit, Math.abs(frame - now) < 0.5);
  }
  context.globalAlpha = 1;
}
function drawBoxMark(context, mark, place, unit) {
  const from = place(mark.from), to = place(mark.to);
  context.globalAlpha = mark.bold ? 1 : 0.5; context.lineWidth = (mark.bold ? 2 : 1) * unit; context.strokeStyle = colourOf(mark);
  context.beginPath(); context.moveTo(from.x, from.y); context.lineTo(to.x, to.y); context.stroke();
  context.globalAlpha = mark.inside || 1;
  drawMark(context, to, mark, 0.8 * unit);
}
function drawBoxFrame(context, frame, place, unit, now) {
  const side = data.image, o = place({ t: frame, y: 0, x: 0 }), right = place({ t: frame, y: 0, x: side }), down = place({ t: frame, y: side, x: 0 });
  context.save();
  context.transform((right.x - o.x) / side, (right.y - o.y) / side, (down.x - o.x) / side, (down.y - o.y) / side, o.x, o.y);
  context.globalAlpha = now ? 0.85 : 0.22;
  context.drawImage(data.images[frame], 0, 0, side, side);
  context.globalAlpha = 0.9; context.lineWidth = 1; context.strokeStyle = now ? "#fff" : "#8b93a5"; context.strokeRect(0, 0, side, side);
  context.restore();
  context.globalAlpha = 1; context.fillStyle = "#e8ebf2"; context.font = `${Math.max(12 * unit, 10)}px system-ui, sans-serif`; context.textAlign = "center";
  const label = place({ t: frame, y: side + 16, x: side / 2 });
  context.fillText(String(frame + 1), label.x, label.y);
}
function turn(yaw, pitch) {
  state.yaw += yaw;
  state.pitch = Math.min(1.45, Math.max(-1.45, state.pitch + pitch));
  redraw();
}
