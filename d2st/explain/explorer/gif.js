/* An animated GIF: 256 fixed colours (6 × 7 × 6 levels), ordered dither, LZW. Each picture's `delay` in hundredths of a second. */
function gif(pictures, width, height) {
  const out = [], word = value => out.push(value & 255, value >> 8), text = string => out.push(...[...string].map(c => c.charCodeAt(0)));
  const levels = [6, 7, 6], bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
  text("GIF89a"); word(width); word(height); out.push(0xf7, 0, 0);
  for (let i = 0; i < 256; i++) {
    const index = [Math.floor(i / 42) % 6, Math.floor(i / 6) % 7, i % 6];
    out.push(...index.map((value, c) => i < 252 ? Math.round(value * 255 / (levels[c] - 1)) : 0));
  }
  out.push(0x21, 0xff, 11); text("NETSCAPE2.0"); out.push(3, 1, 0, 0, 0);
  for (const { pixels, delay } of pictures) {
    const indices = new Uint8Array(width * height);
    for (let i = 0; i < indices.length; i++) {
      const threshold = (bayer[(Math.floor(i / width) & 3) * 4 + (i % width & 3)] + 0.5) / 16;
      const [r, g, b] = levels.map((count, c) => Math.min(count - 1, Math.floor(pixels[4 * i + c] / 255 * (count - 1) + threshold)));
      indices[i] = r * 42 + g * 6 + b;
    }
    out.push(0x21, 0xf9, 4, 4); word(delay); out.push(0, 0, 0x2c); word(0); word(0); word(width); word(height); out.push(0, 8);
    const packed = lzw(indices);
    for (let at = 0; at < packed.length; at += 255) { const block = packed.subarray(at, at + 255); out.push(block.length, ...block); }
    out.push(0);
  }
  out.push(0x3b);
  return new Uint8Array(out);
}
function lzw(indices) {
  const CLEAR = 256, END = 257, packed = [];
  let table = new Map(), next = 258, width = 9, held = 0, bits = 0;
  const emit = code => { held |= code << bits; bits += width; while (bits >= 8) { packed.push(held & 255); held >>>= 8; bits -= 8; } };
  emit(CLEAR);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const key = prefix * 256 + indices[i];
    if (table.has(key)) { prefix = table.get(key); continue; }
    emit(prefix);
    if (next < 4096) { table.set(key, next); if (next === 1 << width && width < 12) width++; next++; }
    else { emit(CLEAR); table = new Map(); next = 258; width = 9; }
    prefix = indices[i];
  }
  emit(prefix); emit(END);
  if (bits) packed.push(held & 255);
  return new Uint8Array(packed);
}
