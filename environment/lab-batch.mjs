// npm run test:lab, second part: the tools that run notebooks without a browser give the right verdict on a good and a failing notebook.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeKernelspec } from './lab/kernelspec.mjs';
import { notebookOf } from './lab/made.mjs';
import { findPython, prepareVenv, program } from './lab/python.mjs';
import { root, run, setUp } from './setup.mjs';

const venv = join(root, '.cache', 'batch-tests');
const packages = ['nbconvert==7.17.2', 'nbclient==0.11.0', 'papermill==2.7.0', 'nbmake==1.5.5', 'nbval==0.11.0', 'pytest==9.2.0']; // prettier-ignore

/** @type {[tool: string, ...words: string[]][]} `FILE` stands for the notebook */
const tools = [
  ['jupyter', 'nbconvert', '--to', 'notebook', '--execute', '--output', 'out.ipynb', 'FILE'],
  ['jupyter', 'execute', 'FILE'],
  ['papermill', 'FILE', 'out.ipynb'],
  ['pytest', '-p', 'no:cacheprovider', '--nbmake', 'FILE'],
  ['pytest', '-p', 'no:cacheprovider', '--nbval-lax', 'FILE'],
];

await run(async () => {
  const python = findPython();
  if (!python) return void console.log('skipped: batch tools: no Python');
  await setUp();
  await prepareVenv(venv, packages, python);
  writeKernelspec(join(venv, 'share', 'jupyter'));
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'batch-'));
  writeFileSync(join(folder, 'good.ipynb'), notebookOf('let lr: number = 0.1;', 'await null; lr = 0.5; lr'));
  writeFileSync(join(folder, 'failing.ipynb'), notebookOf('1', 'await null; throw new Error("boom")', '2'));
  const env = {
    ...process.env,
    JUPYTER_PATH: join(venv, 'share', 'jupyter'),
    IPYTHONDIR: join(folder, '.ipython'),
  };
  let wrong = 0;
  try {
    for (const [tool, ...words] of tools)
      for (const name of ['good', 'failing']) {
        const args = words.map((word) => (word === 'FILE' ? `${name}.ipynb` : word));
        const { status, stdout, stderr } = spawnSync(program(venv, tool), args, {
          cwd: folder,
          env,
          encoding: 'utf8',
        });
        const said = stdout + stderr;
        const right = name === 'good' ? status === 0 : status !== 0 && said.includes('boom');
        if (!right) wrong++;
        console.log(`${right ? 'ok' : `FAILED (${status})`}: ${tool} ${args.join(' ')}`);
        if (!right) console.log(said.split('\n').slice(-15).join('\n'));
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return wrong ? 1 : 0;
});
