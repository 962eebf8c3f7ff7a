/* Draws like a canvas, into an SVG: marks stay vectors, pictures are embedded. It knows what `drawMoment` and `drawBox` use. */
class Svg {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], stack: [], path: "", matrix: new DOMMatrix(), dash: [] });
    Object.assign(this, { globalAlpha: 1, fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, font: "10px sans-serif", textAlign: "start" });
  }
  save() { this.stack.push([new DOMMatrix(this.matrix), this.globalAlpha, this.dash]); }
  restore() { [this.matrix, this.globalAlpha, this.dash] = this.stack.pop(); }
  setTransform(...numbers) { this.matrix = new DOMMatrix(numbers); }
  transform(...numbers) { this.matrix.multiplySelf(new DOMMatrix(numbers)); }
  translate(x, y) { this.matrix.translateSelf(x, y); }
  scale(x, y) { this.matrix.scaleSelf(x, y); }
  rotate(angle) { this.matrix.rotateSelf(angle * 180 / Math.PI); }
  setLineDash(dash) { this.dash = dash; }
  beginPath() { this.path = ""; }
  moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }
  lineTo(x, y) { this.path += `L${short(x)} ${short(y)}`; }
  closePath() { this.path += "Z"; }
  arc(x, y, r) { this.path += `M${short(x - r)} ${short(y)}a${short(r)} ${short(r)} 0 1 0 ${short(2 * r)} 0a${short(r)} ${short(r)} 0 1 0 ${short(-2 * r)} 0Z`; }
  fill() { this.add("path", { d: this.path, fill: this.fillStyle }); }
  stroke() { this.add("path", { d: this.path, ...this.pen() }); }
  fillRect(x, y, width, height) { this.add("rect", { x, y, width, height, fill: this.fillStyle }); }
  strokeRect(x, y, width, height) { this.add("rect", { x, y, width, height, ...this.pen() }); }
  fillText(text, x, y) {
    const anchor = this.textAlign === "center" ? "middle" : "start", [size, ...family] = this.font.split(" ");
    this.add("text", { x, y, fill: this.fillStyle, "font-size": size, "font-family": family.join(" "), "text-anchor": anchor }, text);
  }
  drawImage(image, ...numbers) {
    const [sx, sy, sw, sh] = numbers.length > 4 ? numbers : [0, 0, image.naturalWidth || image.width, image.naturalHeight || image.height];
    const [x, y, width, height] = numbers.slice(-4), piece = offscreen(sw, sh);
    piece.getContext("2d").drawImage(image, sx, sy, sw, sh, 0, 0, sw, sh);
    this.add("image", { x, y, width, height, preserveAspectRatio: "none", href: piece.toDataURL("image/png") });
  }
  pen() {
    return { fill: "none", stroke: this.strokeStyle, "stroke-width": short(this.lineWidth), ...(this.dash.length ? { "stroke-dasharray": this.dash.map(short).join(" ") } : {}) };
  }
  add(name, attributes, text = "") {
    const { a, b, c, d, e, f } = this.matrix, all = { ...attributes };
    if (!this.matrix.isIdentity) all.transform = `matrix(${[a, b, c, d, e, f].map(short).join(" ")})`;
    if (this.globalAlpha < 1) all.opacity = short(this.globalAlpha);
    const said = Object.entries(all).map(([key, value]) => ` ${key}="${escaped(typeof value === "number" ? short(value) : value)}"`).join("");
    this.parts.push(`<${name}${said}>${escaped(text)}</${name}>`);
  }
  text(title) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}">`
      + `<title>${escaped(title)}</title>${this.parts.join("\n")}</svg>`;
  }
}
const short = value => +value.toFixed(4);
const escaped = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
