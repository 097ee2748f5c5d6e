import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg, type RenderedImage } from '@resvg/resvg-js';
import type { Figure } from './curves.js';
import { page, type Plotly } from './dom.js';

/** Traces that plotly draws with WebGL, which has no place without a screen. */
const webgl =
  /gl$|3d$|^(surface|splom|parcoords|cone|streamtube|isosurface|volume)$|(scatter|density|choropleth)map(box)?$/;

let plotly: Promise<Plotly> | undefined;

/**
 * A figure as SVG text, drawn by plotly.js itself without a browser. The same figure gives the same text.
 *
 * @throws where a trace needs WebGL
 */
export async function figureSvg(figure: Figure): Promise<string> {
  const type = figure.data.map((trace) => String(trace.type ?? 'scatter')).find((name) => webgl.test(name));
  if (type)
    throw new Error(`a trace of type '${type}' needs WebGL and has no static picture; draw it as scatter`);
  const require = createRequire(__filename);
  plotly ??= page(readFileSync(require.resolve('plotly.js-dist/plotly.js'), 'utf8'));
  const { width = 720, height = 440 } = figure.layout as { width?: number; height?: number };
  const url = await (await plotly).toImage(structuredClone(figure), { format: 'svg', width, height });
  // resvg reads url(#id) only without quotes.
  return decodeURIComponent(url.slice(url.indexOf(',') + 1)).replace(/url\('(#[^')]*)'\)/g, 'url($1)');
}

/** A figure as PNG bytes, on white. */
export const figurePng = async (figure: Figure): Promise<Uint8Array> =>
  drawn(await figureSvg(figure)).asPng();

/** SVG text as pixels, on white, with the font that comes along. */
export function drawn(svg: string): RenderedImage {
  const require = createRequire(__filename);
  const fontFiles = ['DejaVuSans.ttf'].map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { background: 'white', font }).render();
}
