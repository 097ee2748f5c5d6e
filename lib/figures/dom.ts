import { paintable } from './canvas.js';

/** The part of plotly.js that draws a picture. */
export interface Plotly {
  toImage(figure: object, options: { format: 'svg'; width: number; height: number }): Promise<string>;
}

/** What jsdom lacks and plotly measures: boxes of text, from the number of characters and the size of the font. */
const characterWidth = 0.58; // of the font size, DejaVu Sans
const lineHeight = 1.3;

/** Runs plotly's source in a page without a screen. */
export async function page(source: string): Promise<Plotly> {
  const { JSDOM } = await import('jsdom'); // half of the library's time to load, and most programs draw nothing
  const { window } = new JSDOM('<!doctype html><body></body>', {
    runScripts: 'outside-only',
    pretendToBeVisual: true,
  });
  Object.assign(window, { TextDecoder, TextEncoder });
  window.URL.createObjectURL = () => 'blob:none';
  paintable(window.HTMLCanvasElement.prototype as never);
  const boxOf = (element: Element) => textBox(element);
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Element) {
      return boxOf(this);
    },
    getComputedTextLength(this: Element) {
      return boxOf(this).width;
    },
  });
  window.Element.prototype.getBoundingClientRect = function () {
    const svg = this.namespaceURI?.includes('svg');
    const { x, y, width, height } = svg ? boxOf(this) : { x: 0, y: 0, width: 720, height: 440 };
    return { x, y, width, height, left: x, top: y, right: x + width, bottom: y + height, toJSON: () => '' };
  };
  window.eval(source);
  return (window as unknown as { Plotly: Plotly }).Plotly;
}

function textBox(element: Element) {
  const lines = [...element.querySelectorAll('tspan.line')].map((line) => line.textContent ?? '');
  if (lines.length === 0) lines.push(element.textContent ?? '');
  const size = fontSize(element);
  const width = Math.max(...lines.map((line) => line.length)) * size * characterWidth;
  return { x: 0, y: -0.8 * size, width, height: lines.length * size * lineHeight };
}

function fontSize(element: Element | null): number {
  for (let e = element as (Element & ElementCSSInlineStyle) | null; e; e = e.parentElement as never) {
    const size = parseFloat(e.style?.fontSize ?? '');
    if (size) return size;
  }
  return 12;
}
