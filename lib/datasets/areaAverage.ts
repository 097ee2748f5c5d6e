/** Rows of pixels, RGB 0 … 255: [height, width, 3]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A part of a picture, in whole pixels of it. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A part of a picture in another size: each new pixel is the mean of what it covers, pixels at its border with the share
 * that it covers of them. The same numbers on every machine.
 *
 * @throws where the part is not inside of the picture, or would be enlarged
 */
export function areaAverage(picture: Pixels, crop: Crop, width: number, height: number): Pixels {
  const { left, top } = crop;
  const inside = left >= 0 && top >= 0 && left + crop.width <= picture.width && top + crop.height <= picture.height; // prettier-ignore
  if (!inside)
    throw new Error(`a picture of ${sides(picture)} has no part of ${sides(crop)} at ${left}, ${top}`);
  if (!(width >= 1 && height >= 1 && width <= crop.width && height <= crop.height))
    throw new Error(
      `a part of ${sides(crop)} cannot become ${sides({ width, height })}: it is never enlarged`,
    );

  const [across, down] = [covered(crop.width, width), covered(crop.height, height)];
  const row = width * 3;
  const narrow = new Float64Array(crop.height * row);
  for (let y = 0; y < crop.height; y++)
    for (let k = 0; k < row; k++) {
      const { first, shares } = across[Math.floor(k / 3)]!;
      let from = 3 * ((top + y) * picture.width + left + first) + (k % 3);
      for (const share of shares) {
        narrow[y * row + k]! += share * picture.rgb[from]!;
        from += 3;
      }
    }
  const rgb = new Uint8Array(height * row);
  down.forEach(({ first, shares }, y) => {
    for (let k = 0; k < row; k++) {
      let mean = 0;
      for (let i = 0; i < shares.length; i++) mean += shares[i]! * narrow[(first + i) * row + k]!;
      rgb[y * row + k] = Math.round(mean);
    }
  });
  return { width, height, rgb };
}

/** What each of `to` equal pieces of 0 … `from` covers: its first whole number and the shares from there on, 1 together. */
function covered(from: number, to: number): { first: number; shares: number[] }[] {
  return Array.from({ length: to }, (_, k) => {
    const [begin, end] = [(k * from) / to, ((k + 1) * from) / to];
    const first = Math.floor(begin);
    const shares = Array.from({ length: Math.ceil(end) - first }, (_, i) => {
      const [a, b] = [Math.max(begin, first + i), Math.min(end, first + i + 1)];
      return ((b - a) * to) / from;
    });
    return { first, shares };
  });
}

const sides = ({ width, height }: { width: number; height: number }) => `${width} × ${height}`;
