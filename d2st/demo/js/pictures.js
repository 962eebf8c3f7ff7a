"use strict";
/* A view as a picture: what stands on the page becomes SVG, text as text and frames inside it; PNG is drawn from that. */
d2st.pictures = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PAINT = { "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter", opacity: "1" };
  const GONE = /^(on|data-|aria-|class$|style$|role$|tabindex$)/;  // of an element that leaves the page
  const NO_LETTER = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;  // what XML cannot hold
  const FONT = ["font-family", "font-size", "font-weight", "font-style", "text-anchor"];
  const EDGE = 12, PRINT = 3;  // pixels around a view; of a PNG for one of the page
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const short = value => String(+(+value).toFixed(2));

  /* Any colour that a style can name → [rgb(…), opacity], which every program reads. */
  const colours = new Map();
  function colour(css) {
    if (!colours.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
      colours.set(css, [`rgb(${red},${green},${blue})`, alpha / 255]);
    }
    return colours.get(css);
  }

  function element(name, attributes, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, typeof value === "number" ? short(value) : value);
    made.textContent = text.replace(NO_LETTER, "\ufffd");
    return made;
  }

  /* A picture that every program can show: not all know WebP. */
  const embedded = new Map();
  async function embed(address) {
    if (!embedded.has(address)) {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
      canvas.getContext("2d").drawImage(image, 0, 0);
      embedded.set(address, canvas.toDataURL("image/png"));
    }
    return embedded.get(address);
  }

  /* Everything that is seen of a view, each with its box on the page. */
  class Drawing {
    constructor() { Object.assign(this, { parts: [], left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }); }

    add(made, box) {
      this.parts.push(made);
      Object.assign(this, { left: Math.min(this.left, box.left), top: Math.min(this.top, box.top),
        right: Math.max(this.right, box.right), bottom: Math.max(this.bottom, box.bottom) });
    }

    async draw(node) {
      if (node.nodeType === Node.TEXT_NODE) { this.text(node); return; }
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      const style = getComputedStyle(node), box = node.getBoundingClientRect();
      if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
      if (box.width && box.height) this.box(style, box);
      if (node instanceof SVGSVGElement) for (const made of await this.copy(node, box)) this.add(made, box);
      else if (node instanceof HTMLImageElement || node instanceof HTMLCanvasElement) this.add(await this.image(node, box), box);
      else for (const child of node.childNodes) await this.draw(child);
    }

    /* A box's ground and its border: of one kind around it, or a line on some sides. */
    box(style, { left, top, right, bottom, width, height }) {
      const here = { left, top, right, bottom }, [fill, alpha] = colour(style.backgroundColor);
      const borders = ["Top", "Bottom", "Left", "Right"].map(side => strokeOf(style, `border${side}`)), [one] = borders;
      const around = one && borders.every(each => JSON.stringify(each) === JSON.stringify(one)), inset = around ? one["stroke-width"] / 2 : 0;
      const rx = parseFloat(style.borderTopLeftRadius) || 0;  // a share, such as 50 %, is more than any of ours
      if (alpha || around) {
        this.add(element("rect", { x: left + inset, y: top + inset, width: width - 2 * inset, height: height - 2 * inset, rx,
          ...(alpha ? { fill, "fill-opacity": alpha } : { fill: "none" }), ...(around ? one : {}) }), here);
      }
      const ends = [[left, top, right, top], [left, bottom, right, bottom], [left, top, left, bottom], [right, top, right, bottom]];
      if (!around) borders.forEach((each, index) => {
        const [x1, y1, x2, y2] = ends[index];
        if (each) this.add(element("line", { x1, y1, x2, y2, ...each }), here);
      });
      const outline = strokeOf(style, "outline"), out = outline && parseFloat(style.outlineOffset) + outline["stroke-width"] / 2;
      if (outline) this.add(element("rect", { x: left - out, y: top - out, width: width + 2 * out, height: height + 2 * out, rx, fill: "none", ...outline }), here);
    }

    /* The lines of a text, as the page has broken them. */
    text(node) {
      const range = document.createRange(), lines = [];
      for (const { index, 0: word } of node.data.matchAll(/[^ \t\n\r]+/g)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const box = range.getClientRects()[0];
        if (!box?.width) continue;
        const line = lines.at(-1);
        if (line && Math.abs(line.top - box.top) < 2 && box.left >= line.right - 1) Object.assign(line, { text: `${line.text} ${word}`, right: box.right });
        else lines.push({ text: word, left: box.left, top: box.top, right: box.right, bottom: box.bottom });
      }
      if (!lines.length) return;
      const style = getComputedStyle(node.parentElement), [fill, alpha] = colour(style.color);
      pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = pen.measureText("x");
      for (const line of lines) {
        const y = line.top + (line.bottom - line.top - ascent - descent) / 2 + ascent, font = Object.fromEntries(FONT.slice(0, 4).map(name => [name, style.getPropertyValue(name)]));
        const more = style.textDecorationLine === "none" ? {} : { "text-decoration": style.textDecorationLine };
        this.add(element("text", { x: line.left, y, fill, "fill-opacity": alpha, textLength: line.right - line.left, lengthAdjust: "spacingAndGlyphs", ...font, ...more }, line.text), line);
      }
    }

    async image(node, { left, top, width, height }) {
      const href = node instanceof HTMLCanvasElement ? node.toDataURL("image/png") : await embed(node.currentSrc || node.src);
      return element("image", { x: left, y: top, width, height, preserveAspectRatio: "none", href });
    }

    /* An SVG of the page, its style written into its elements; lines that do not grow with it stand beside it. */
    async copy(node, { left, top, width, height }) {
      const made = node.cloneNode(true), from = [node, ...node.querySelectorAll("*")], to = [made, ...made.querySelectorAll("*")], apart = [];
      for (const [index, each] of to.entries()) {
        const style = getComputedStyle(from[index]);
        for (const { name } of [...each.attributes]) if (GONE.test(name)) each.removeAttribute(name);
        if (each.localName === "text" || each.localName === "tspan") for (const name of FONT) each.setAttribute(name, style.getPropertyValue(name));
        for (const [name, usual] of Object.entries(PAINT)) set(each, name, style.getPropertyValue(name), usual);
        for (const name of ["fill", "stroke"]) paint(each, name, style);
        if (each.localName === "image") each.setAttribute("href", await embed(from[index].href.baseVal));
        if (style.vectorEffect === "non-scaling-stroke" && each.localName === "polyline") {
          const there = [...from[index].points].map(point => point.matrixTransform(from[index].getScreenCTM()));
          each.setAttribute("points", there.map(({ x, y }) => `${short(x)},${short(y)}`).join(" "));
          apart.push(each);
          each.remove();
        }
      }
      for (const [name, value] of Object.entries({ x: left, y: top, width, height })) made.setAttribute(name, short(value));
      return [made, ...apart];
    }
  }

  /* How a side's border, or the outline, is stroked, or nothing. */
  function strokeOf(style, name) {
    const [stroke, opacity] = colour(style[`${name}Color`]), width = parseFloat(style[`${name}Width`]), kind = style[`${name}Style`];
    if (!width || !opacity || kind === "none") return null;
    const dash = { dashed: [3, 2], dotted: [1, 1] }[kind];
    return { stroke, "stroke-opacity": opacity, "stroke-width": width, ...(dash ? { "stroke-dasharray": dash.map(part => part * width).join(" ") } : {}) };
  }
  function set(each, name, value, usual) {
    if (value === usual) each.removeAttribute(name);
    else each.setAttribute(name, value);
  }
  function paint(each, name, style) {
    const css = style.getPropertyValue(name);
    if (css === "none" || css.startsWith("url")) { each.setAttribute(name, css); return; }
    const [shown, alpha] = colour(css);
    each.setAttribute(name, shown);
    set(each, `${name}-opacity`, short(alpha * style.getPropertyValue(`${name}-opacity`)), "1");
  }

  /* The ground that a view stands on. */
  function ground(node) {
    for (let each = node; each; each = each.parentElement) {
      const css = getComputedStyle(each).backgroundColor;
      if (colour(css)[1]) return colour(css)[0];
    }
    return "rgb(255,255,255)";
  }

  /* An element of the page → {text: SVG, width, height}. */
  async function drawn(view, title) {
    const drawing = new Drawing();
    await drawing.draw(view);
    const left = drawing.left - EDGE, top = drawing.top - EDGE, width = Math.ceil(drawing.right + EDGE - left), height = Math.ceil(drawing.bottom + EDGE - top);
    const made = element("svg", { xmlns: SVG, width, height, viewBox: [left, top, width, height].map(short).join(" ") });
    made.append(element("title", {}, title), element("rect", { x: left, y: top, width, height, fill: ground(view) }), ...drawing.parts);
    return { text: new XMLSerializer().serializeToString(made), width, height };
  }

  async function png({ text, width, height }) {
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), image = new Image();
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: PRINT * width, height: PRINT * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    return new Promise(done => canvas.toBlob(done, "image/png"));
  }

  function save(blob, name) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  d2st.here.picture = async button => {
    const view = button.closest(".savable"), { name } = view.dataset, { kind } = button.dataset;
    const picture = await drawn(view.querySelector(".picture"), name);
    save(kind === "png" ? await png(picture) : new Blob([picture.text], { type: "image/svg+xml" }), `${name}.${kind}`);
  };

  return { drawn, png };
})();
