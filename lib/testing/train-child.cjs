'use strict';
// Trains on small quadratics and keeps the state after every episode; killed by metatrain.test.ts.
const {
  adam,
  clip,
  loadTraining,
  lstm,
  metaTrain,
  quadratic,
  ready,
  saveTraining,
} = require('learning-to-learn');
const { existsSync } = require('node:fs');

const [file = '', episodes] = process.argv.slice(2);
const learned = lstm({ hidden: [4] });
const outer = () => clip(adam({ lr: 0.01 }), 1);

void (async () => {
  await ready();
  const resume = existsSync(file) ? loadTraining(file, learned, outer()).training : undefined;
  const options = {
    steps: 20,
    unrollLength: 5,
    validateEvery: 3,
    validationRuns: 1,
    saveSeconds: 0,
    share: 0.5,
  };
  const save = (/** @type {import('learning-to-learn').Training} */ training) => saveTraining(file, training);
  await metaTrain(learned, quadratic({ dim: 3, batch: 2 }), {
    ...options,
    episodes: Number(episodes),
    outer,
    resume,
    save,
  });
})();
