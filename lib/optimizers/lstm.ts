import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import { get } from '../params.js';
import { raw, type Preprocess } from '../preprocess.js';
import { random } from '../random.js';
import type { LearnedOptimizer, Params, Spec } from '../types.js';

/** Per layer, cell and output of every coordinate: [n, hidden] each. */
export type LstmState = { c: tf.Tensor2D; h: tf.Tensor2D }[];

/**
 * The paper's optimizer: one small LSTM shared by all coordinates, each with its own state (§2.1, Fig. 3).
 *
 * φ has `lstm0/kernel` [features + hidden, 4 hidden] with the gates in the order i, j, f, o, `lstm0/bias`, …,
 * `linear/kernel` [hidden, 1] and `linear/bias` [1]: 5,061 weights for quadratics, 5,141 with {@link logSign}. The cell
 * is Sonnet's, as in the authors' code: 1 is added to the forget gate, kernels start from a truncated normal of
 * standard deviation 1/√(fan in), biases from 0.
 *
 * @param hidden units per layer; the paper has two layers of 20
 * @param preprocess features of ∇: {@link raw} for quadratics, {@link logSign} for networks (Appendix A)
 * @param scale factor on the output, so that training starts from small steps
 */
export function lstm({
  hidden = [20, 20],
  preprocess = raw(),
  scale = 0.1,
}: {
  hidden?: readonly number[];
  preprocess?: Preprocess;
  scale?: number;
} = {}): LearnedOptimizer<LstmState> {
  const inputs = [preprocess.features, ...hidden];
  const last = inputs[hidden.length]!;
  const spec: Spec | undefined = preprocess.spec && {
    cell: 'lstm',
    hidden,
    preprocess: preprocess.spec,
    scale,
  };

  const rule = (phi: Params) => ({
    init: (n: number): LstmState =>
      hidden.map((units) => {
        const c = tf.fill<tf.Rank.R2>([n, units], 0); // tf.zeros would make the numbers twice
        return { c, h: c.clone() };
      }),
    update(grad: tf.Tensor1D, state: LstmState): [tf.Tensor1D, LstmState] {
      let x = preprocess(grad);
      const next = state.map(({ c, h }, l) => {
        const [kernel, bias] = [
          get<tf.Tensor2D>(phi, `lstm${l}/kernel`),
          get<tf.Tensor1D>(phi, `lstm${l}/bias`),
        ];
        [c, h] = tf.basicLSTMCell(tf.scalar(1), kernel, bias, x, c, h);
        x = h;
        return { c, h };
      });
      const g = x.matMul(get<tf.Tensor2D>(phi, 'linear/kernel')).add(get(phi, 'linear/bias'));
      return [g.mul(scale).as1D(), next];
    },
  });

  return {
    ...(spec && { spec }),
    init(seed) {
      const { truncatedNormal } = random('lstm', seed);
      const layers = hidden.flatMap((units, l): [string, tf.Tensor][] => {
        const fanIn = inputs[l]! + units;
        return [
          [`lstm${l}/kernel`, truncatedNormal([fanIn, 4 * units], fanIn ** -0.5)],
          [`lstm${l}/bias`, tf.zeros([4 * units])],
        ];
      });
      return Object.fromEntries([
        ...layers,
        ['linear/kernel', truncatedNormal([last, 1], last ** -0.5)],
        ['linear/bias', tf.zeros([1])],
      ]);
    },
    at(phi) {
      const m = coordinatewise(rule(phi));
      return spec ? { ...m, update: Object.assign(m.update, { network: { spec, phi } }) } : m;
    },
  };
}
