// In the reader's browser: pictures become interactive figures when they come into view.
/* global Plotly, document, IntersectionObserver, innerWidth */
const narrow = 640; // px
/** Lines of some forty characters. */
const wrapped = (text) => text.replace(/(.{25,40}) /g, '$1<br>');
const draw = (figure) => {
  const { data, layout } = JSON.parse(figure.querySelector('script').textContent);
  const phone = innerWidth < narrow;
  const small = {
    font: { size: 12 },
    legend: { orientation: 'h', y: -0.25 },
    height: 380,
    title: { text: wrapped(layout.title?.text ?? ''), font: { size: 13 } },
    margin: { l: 50, r: 10, t: 60, b: 40 },
  };
  const place = document.createElement('div');
  const { width, ...rest } = layout;
  place.style.maxWidth = `${width ?? 960}px`;
  figure.append(place);
  const options = {
    responsive: true,
    displaylogo: false,
    displayModeBar: phone ? false : 'hover',
    modeBarButtonsToRemove: ['sendChartToCloud'], // nothing leaves this page
  };
  Plotly.newPlot(place, data, { ...rest, ...(phone && small), autosize: true }, options).then(() => {
    place.setAttribute('role', 'img');
    place.setAttribute('aria-label', figure.querySelector('img')?.alt ?? '');
    figure.querySelector('img')?.remove();
  });
};
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: '200px' },
);
for (const figure of document.querySelectorAll('figure')) seen.observe(figure);
