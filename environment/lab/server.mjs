// JupyterLab for a test: `npm run lab` itself, on a folder of copies.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { root } from '../setup.mjs';

const token = 'e2e';

/** A Chromium on the PATH, or the one that CHROMIUM names. */
export const findChromium = () =>
  process.env.CHROMIUM ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find(existsSync);

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @param {string} folder what JupyterLab shows */
export async function startLab(folder) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const options = [`--port=${port}`, `--IdentityProvider.token=${token}`, '--LabApp.expose_app_in_browser=True', `--LabApp.workspaces_dir=${join(folder, '.workspaces')}`]; // prettier-ignore
  const words = [join(root, 'environment', 'lab.mjs'), '--no-browser', ...options, folder];
  const server = spawn(process.execPath, words, { stdio: 'ignore', env: { ...process.env, L2L_FAST: '' } });
  return {
    base,
    token,
    answers: () => {
      if (server.exitCode !== null) throw new Error(`npm run lab ended with code ${server.exitCode}`);
      return fetch(`${base}/api?token=${token}`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await new Promise((resolve) => server.on('exit', resolve));
    },
  };
}
