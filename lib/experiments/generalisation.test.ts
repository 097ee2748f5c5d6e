import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verdictsOver } from './claims.js';
import { generalisationClaims, panels, paper, type Generalisation } from './generalisation.js';
import { averaged } from './generalisationLines.js';
import type { Runs } from './sweeps/curves.js';

const steps = (network: string) => Number(/(\d+) steps/.exec(network)?.[1] ?? 100);

/** Runs whose losses are all `loss`. */
const flat = (loss: number, length: number): Runs => ({
  mean: Array<number>(length + 1).fill(loss),
  se: Array<number>(length + 1).fill(0.01),
  sums: [100 * loss, 100 * loss],
  finals: [loss, loss],
  tails: [loss, loss],
  first: [],
});

/** Everything as in the paper's figures. */
const asInPaper: Generalisation = Object.fromEntries(
  Object.keys(panels('validation')).map((network) => {
    const lstm = network.includes('relu') ? 2.6 : 0.2;
    const all = { LSTM: lstm, ADAM: 0.6, RMSprop: 0.61, SGD: 0.9, NAG: 0.62 };
    return [
      network,
      Object.fromEntries(Object.entries(all).map(([name, loss]) => [name, flat(loss, steps(network))])),
    ];
  }),
);
const swapped: Generalisation = Object.fromEntries(
  Object.entries(asInPaper).map(([network, runs]) => [
    network,
    { ...runs, LSTM: runs.ADAM!, ADAM: runs.LSTM! },
  ]),
);

describe('the claims of Figures 4 to 6', () => {
  let short: string | undefined;
  beforeEach(() => {
    short = process.env.L2L_FAST;
    delete process.env.L2L_FAST;
  });
  afterEach(() => {
    if (short !== undefined) process.env.L2L_FAST = short;
  });

  test('hold for runs like those of the paper, and not where the LSTM and ADAM change places', () => {
    const verdicts = verdictsOver(generalisationClaims, [asInPaper, asInPaper, swapped]);
    const counts = verdicts.map(({ verdict, text }) => [text, verdict]);
    const robust = counts.filter(([, verdict]) => verdict !== 'holds for 2 of 3').map(([text]) => text);
    expect(robust.length).toBe(1); // that a wider network is no worse holds for flat lines, too
    expect(counts.find(([text]) => text === robust[0])![1]).toBe('holds for 3 of 3');
  });

  test('are counted with the spread between the φ', () => {
    const [sum] = verdictsOver(generalisationClaims, [asInPaper, swapped]);
    expect(sum!.ours!.mean).toBeCloseTo(40);
    expect(sum!.ours!.se).toBeCloseTo(Math.sqrt(800)); // of 20 and 60
  });
});

test("the paper's points of Figure 5 belong to panels that are drawn", () => {
  expect(Object.keys(panels('validation'))).toEqual(expect.arrayContaining(Object.keys(paper)));
});

test('long runs are drawn as means over so many steps, in their middle', () => {
  const band = { mean: [1, 3, 5, 7, 9], low: [0, 2, 4, 6, 8], high: [2, 4, 6, 8, 10] };
  expect(averaged({ LSTM: band }, 2)).toEqual({
    lines: { LSTM: { mean: [2, 6], low: [1, 5], high: [3, 7] } },
    at: [0.5, 2.5],
  });
});
