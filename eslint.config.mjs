import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which folders of the library may not import which: the arrows of the design go one way. */
const zones = [
  { target: './lib/!(index).ts', from: './lib/index.ts' },
  { target: './lib/*/**', from: './lib/index.ts' },
  {
    target: ['./lib/optimizers', './lib/optimizees', './lib/datasets'],
    from: ['./lib/experiments', './lib/figures', './lib/metatrain.ts', './lib/evaluate.ts'],
  },
  {
    target: './lib/engine',
    from: ['./lib/experiments', './lib/figures', './lib/metatrain.ts', './lib/evaluate.ts'],
  },
  {
    target: ['./lib/unroll.ts', './lib/metatrain.ts', './lib/evaluate.ts', './lib/tune.ts'],
    from: ['./lib/experiments', './lib/figures'],
  },
];

export default tseslint.config(
  { ignores: ['**/dist', 'node_modules', 'reproduced', '.cache', '.venv', 'notebooks'] },
  tseslint.configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/extensions': ['.ts', '.mjs'], 'import-x/resolver': { typescript: true } },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['lib/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: ':not(TSLiteralType) > Literal[value="test"]',
          message: "only notebooks and reproduce say 'test': take the split as an argument",
        },
      ],
    },
  },
);
