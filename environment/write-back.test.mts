import { expect, test } from 'vitest';
import { pictureName, withRow } from './write-back.mjs';

test('a picture of a figure of the paper is named by its place', () => {
  expect(pictureName('Figure 4, centre and right: MNIST')).toBe('figure-4-centre-and-right.png');
  expect(pictureName('A short meta-training')).toBeUndefined();
});

test("a notebook's row of the README gets its verdicts and minutes, the other rows stay", () => {
  const readme = '| [01](notebooks/01.ipynb) | a | | |\n| [02](notebooks/02.ipynb) | b | old | 9 |\n';
  const verdicts = [{ verdict: 'holds' }, { verdict: 'does not hold' }];
  expect(withRow(readme, '02.ipynb', verdicts, 130)).toBe(
    '| [01](notebooks/01.ipynb) | a | | |\n| [02](notebooks/02.ipynb) | b | 1 of 2 claims hold | 2 |\n',
  );
  expect(withRow(readme, '01.ipynb', [], 20)).toContain('| a | no claims | < 1 |');
  const counted = ['holds for 4 of 4', 'holds for 14 of 4', 'holds for 3 of 4'].map((verdict) => ({
    verdict,
  }));
  expect(withRow(readme, '01.ipynb', counted, 20)).toContain('| a | 1 of 3 claims hold for every φ | < 1 |');
});
