// npm run lab [-- options of jupyter lab]: JupyterLab on the notebooks, with the TypeScript kernel.
// Everything Python and Jupyter is kept in .venv; delete that folder to undo.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelName, writeKernelspec } from './lab/kernelspec.mjs';
import { prepareVenv, program } from './lab/python.mjs';
import { root, run, setUp } from './setup.mjs';

export const venv = join(root, '.venv');
/** plotly is there for its JupyterLab renderer of figures; its plotly.js is the one that draws the static pictures. */
export const packages = ['jupyterlab==4.6.6', 'plotly==7.1.0'];

/** Configuration, trust, running servers: all in .venv, nothing in the user's home. */
export const jupyterEnvironment = () => {
  const own = (/** @type {string} */ name) => join(venv, 'var', name);
  return {
    ...process.env,
    JUPYTER_CONFIG_DIR: own('config'),
    JUPYTER_DATA_DIR: own('data'),
    JUPYTER_RUNTIME_DIR: own('runtime'),
    JUPYTERLAB_WORKSPACES_DIR: own('workspaces'),
    JUPYTERLAB_SETTINGS_DIR: own('settings'),
    IPYTHONDIR: own('ipython'),
  };
};

/** Options of `jupyter lab` that make our kernel the only and the default one, and keep pop-ups and searches away. */
export const labOptions = [
  '--KernelSpecManager.ensure_native_kernel=False',
  `--MultiKernelManager.default_kernel_name=${kernelName}`,
  '--LanguageServerManager.autodetect=False',
];

/** The library and the kernel, built; the virtual environment with JupyterLab, the kernelspec and settings without pop-ups. */
export async function prepareLab() {
  await together(setUp(), prepareVenv(venv, packages)); // each waits for a network and for disks
  const share = join(venv, 'share', 'jupyter');
  writeKernelspec(share);
  rmSync(join(share, 'kernels', 'python3'), { recursive: true, force: true });
  const settings = join(share, 'lab', 'settings');
  mkdirSync(settings, { recursive: true });
  const overrides = {
    '@jupyterlab/apputils-extension:notification': {
      fetchNews: 'false',
      checkForUpdates: false,
      doNotDisturbMode: true,
    },
  };
  writeFileSync(join(settings, 'overrides.json'), JSON.stringify(overrides, null, 2) + '\n');
}

/**
 * Waits for all; the first failure is told when none still writes.
 * @param {Promise<void>[]} works
 */
async function together(...works) {
  const ends = await Promise.allSettled(works);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/**
 * The port of `--port 9999` or `--port=9999`, if one is asked for.
 * @param {readonly string[]} args
 */
export function askedPort(args) {
  const at = args.findIndex((word) => word === '--port' || word.startsWith('--port='));
  const word = args[at]?.split('=')[1] ?? args[at + 1];
  return at >= 0 && /^\d+$/.test(word ?? '') ? Number(word) : undefined;
}

/**
 * JupyterLab would go on to another port without a word.
 * @param {number} port
 */
async function checkPort(port) {
  await new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(port, '127.0.0.1', () => server.close(resolve));
  }).catch((/** @type {{ code: string }} */ { code }) => {
    const why =
      code === 'EADDRINUSE' ? 'is taken; choose another or leave --port out' : `cannot be used (${code})`;
    throw new Error(`port ${port} ${why}`);
  });
}

async function main() {
  const args = process.argv.slice(2);
  const port = askedPort(args);
  if (port !== undefined) await checkPort(port);
  await prepareLab();
  if (args[0] === '--setup') return void console.log('ready: npm run lab');
  if (process.getuid?.() === 0 && !args.includes('--allow-root')) args.push('--allow-root');
  const shown = `--ServerApp.root_dir=${join(root, 'notebooks')}`; // a folder or notebook among the options comes before it
  const command = ['lab', shown, ...labOptions, ...args];
  const lab = spawn(program(venv, 'jupyter'), command, { stdio: 'inherit', env: jupyterEnvironment() });
  process.on('SIGINT', () => {}); // Ctrl-C reaches JupyterLab by itself, which asks
  process.on('SIGTERM', () => lab.kill('SIGTERM'));
  return await new Promise((resolve) => lab.on('exit', (code) => resolve(code ?? 1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(main);
