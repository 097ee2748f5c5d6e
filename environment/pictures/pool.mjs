// The squares for meta-training: of each source the most colourful and detailed, by rule and not by hand.
import { areaAverage } from 'learning-to-learn/dist/datasets/areaAverage.js';

/** @typedef {import('learning-to-learn').Pixels} Pixels */
/** @typedef {import('learning-to-learn').Sheet['crops'][number]} Crop */

/** What a square needs, on the scale of 0 … 255, and how many of a source are taken at most. */
const least = { colour: 14, detail: 20, light: 45 };
const most = 14;
/** Sides of the squares as shares of the picture's shorter side, without its frame. */
const shares = [1, 0.62, 0.4, 0.28];
/** Share of the longer side that is cut off along each edge: frames, margins. */
const margin = 0.04;

/**
 * The squares of a source, the best first, no two of them more alike than half.
 * @param {string} id @param {Pixels} picture
 * @param {import('learning-to-learn').PictureSource['area']} [area] where it is more than its frame that does not count
 * @returns {Crop[]}
 */
export function squares(id, picture, area = withoutMargin(picture)) {
  const candidates = shares
    .flatMap((share) => grid(area, share))
    .flatMap(([left, top, side]) => {
      const { colour, detail, light } = measured(areaAverage(picture, { left, top, width: side, height: side }, 64, 64)); // prettier-ignore
      const good = colour >= least.colour && detail >= least.detail && light >= least.light;
      return good ? [{ left, top, side, worth: colour + detail }] : [];
    });
  candidates.sort((a, b) => b.worth - a.worth || a.top - b.top || a.left - b.left || a.side - b.side);
  /** @type {typeof candidates} */ const taken = [];
  for (const one of candidates)
    if (taken.length < most && taken.every((other) => shared(one, other) <= 0.5)) taken.push(one);
  return taken.map(({ left, top, side }) => [id, left, top, side]);
}

/** @param {Pixels} picture @returns {readonly [left: number, top: number, width: number, height: number]} */
function withoutMargin({ width, height }) {
  const cut = Math.ceil(margin * Math.max(width, height));
  return [cut, cut, width - 2 * cut, height - 2 * cut];
}

/**
 * Squares with this share of the shorter side, half a square apart at most, from edge to edge.
 * @param {readonly [left: number, top: number, width: number, height: number]} area @param {number} share
 * @returns {[left: number, top: number, side: number][]}
 */
function grid([left, top, width, height], share) {
  const side = Math.floor(share * Math.min(width, height));
  if (side < 128) return []; // each pixel is a mean of four at least
  const places = (/** @type {number} */ from, /** @type {number} */ room) => {
    const steps = Math.ceil((room - side) / (side / 2));
    return Array.from({ length: steps + 1 }, (_, k) => from + (steps && Math.floor((k * (room - side)) / steps))); // prettier-ignore
  };
  return places(top, height).flatMap((y) =>
    places(left, width).map((x) => /** @type {[number, number, number]} */ ([x, y, side])),
  );
}

/**
 * How much of the smaller square lies in the other.
 * @param {{ left: number, top: number, side: number }} a @param {{ left: number, top: number, side: number }} b
 */
function shared(a, b) {
  const along = (/** @type {'left' | 'top'} */ edge) =>
    Math.max(0, Math.min(a[edge] + a.side, b[edge] + b.side) - Math.max(a[edge], b[edge]));
  const smaller = Math.min(a.side, b.side);
  const ratio = smaller / Math.max(a.side, b.side);
  // A detail of a large square is another picture; the same size in nearly the same place is not.
  return ((along('left') * along('top')) / smaller ** 2) * ratio;
}

/**
 * Mean distance between a pixel's largest and smallest channel, standard deviation of the brightness, mean brightness.
 * @param {Pixels} picture
 */
export function measured({ rgb }) {
  const n = rgb.length / 3;
  let [colour, sum, squares] = [0, 0, 0];
  for (let i = 0; i < rgb.length; i += 3) {
    const [red, green, blue] = [rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0];
    colour += Math.max(red, green, blue) - Math.min(red, green, blue);
    const bright = 0.299 * red + 0.587 * green + 0.114 * blue;
    sum += bright;
    squares += bright * bright;
  }
  return { colour: colour / n, detail: Math.sqrt(squares / n - (sum / n) ** 2), light: sum / n };
}
