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

/** RGBA pixels as a PNG file. */
export function png(width: number, height: number, pixels: Uint8ClampedArray): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, check] = [data.length, crc32(body)].map((n) => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(n);
      return four;
    });
    return Buffer.concat([length!, body, check!]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8); // eight bits, with alpha
  const rows = Buffer.alloc((4 * width + 1) * height); // a zero, no filter, before every row
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(4 * width * y, 4 * width * (y + 1)), (4 * width + 1) * y + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}
