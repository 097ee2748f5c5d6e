import { crc32, deflateSync } from 'node:zlib';

/** The part of a browser's canvas in which plotly paints the cells of a heat map. */
interface Canvas {
  width: number;
  height: number;
  getContext(kind: string): object | null;
  toDataURL(): string;
}

const pictures = new WeakMap<Canvas, { width: number; height: number; pixels: Uint8ClampedArray }>();

/** Gives a canvas of jsdom, which cannot be painted on, filled rectangles, whole pictures and their PNG. */
export function paintable(prototype: Canvas): void {
  prototype.getContext = function (this: Canvas, kind: string) {
    if (kind !== '2d') return null;
    const { width, height } = this;
    const pixels = new Uint8ClampedArray(width * height * 4);
    pictures.set(this, { width, height, pixels });
    return {
      fillStyle: 'rgba(0,0,0,1)',
      fillRect(this: { fillStyle: string }, x: number, y: number, w: number, h: number) {
        const [r = 0, g = 0, b = 0, a = 1] = (this.fillStyle.match(/[\d.]+/g) ?? []).map(Number);
        for (let row = Math.max(y, 0); row < Math.min(y + h, height); row++)
          for (let column = Math.max(x, 0); column < Math.min(x + w, width); column++)
            pixels.set([r, g, b, 255 * a], 4 * (row * width + column));
      },
      createImageData: (w: number, h: number) => ({ data: new Uint8ClampedArray(w * h * 4) }),
      putImageData: ({ data }: { data: Uint8ClampedArray }) => pixels.set(data),
      measureText: (text: string) => ({ width: 7 * text.length }),
    };
  };
  prototype.toDataURL = function (this: Canvas) {
    const { width, height, pixels } = pictures.get(this)!;
    return `data:image/png;base64,${png(width, height, pixels).toString('base64')}`;
  };
}

/** RGBA pixels as a PNG file, without alpha where nothing is transparent: small where pixels are drawn as squares. */
export function png(width: number, height: number, pixels: Uint8ClampedArray | Uint8Array): Buffer {
  const opaque = pixels.every((value, i) => i % 4 !== 3 || value === 255);
  const kind = [8, opaque ? 2 : 6, 0, 0, 0]; // eight bits, RGB or RGBA
  const header = Buffer.concat([numbers(width, height), Buffer.from(kind)]);
  const samples = opaque ? pixels.filter((_, i) => i % 4 !== 3) : pixels;
  const rows = deflateSync(filtered(height, opaque ? 3 : 4, samples), { level: 9 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

/** A piece of a PNG file: length, name, data and checksum. */
export function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  return Buffer.concat([numbers(data.length), body, numbers(crc32(body))]);
}

/** Numbers as PNG has them: four bytes each, the highest first. */
export function numbers(...values: readonly number[]): Buffer {
  const all = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => all.writeUInt32BE(value, 4 * i));
  return all;
}

const [up, paeth] = [2, 4];

/** What PNG packs: each row as its difference to the one above where they are the same, elsewhere to Paeth's guess. */
function filtered(height: number, channels: number, samples: Uint8ClampedArray | Uint8Array): Buffer {
  const length = samples.length / height;
  const rows = Buffer.alloc((length + 1) * height);
  for (let y = 0; y < height; y++) {
    const row = samples.subarray(y * length, (y + 1) * length);
    const above = y ? samples.subarray((y - 1) * length, y * length) : new Uint8Array(length);
    const at = y * (length + 1);
    const same = row.every((value, i) => value === above[i]);
    rows[at] = same ? up : paeth;
    if (same) continue; // zeros
    for (let i = 0; i < length; i++) {
      const [a, b, c] = [row[i - channels] ?? 0, above[i]!, above[i - channels] ?? 0];
      const [da, db, dc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const guess = da <= db && da <= dc ? a : db <= dc ? b : c;
      rows[at + 1 + i] = row[i]! - guess;
    }
  }
  return rows;
}
