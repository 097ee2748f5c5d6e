import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { askedPort, packages } from './lab.mjs';
import { writeKernelspec } from './lab/kernelspec.mjs';
import { prepareVenv } from './lab/python.mjs';
import { root } from './setup.mjs';

const scratch = () => mkdtempSync(join(tmpdir(), 'l2l-'));
const lab = join(root, 'environment', 'lab.mjs');

test('without Python one line says what is needed and what goes without', async () => {
  const why = /^Python 3\.10 or newer \(or uv\) was not found: .* npm run reproduce does not; install one/;
  await expect(prepareVenv(join(scratch(), 'venv'), ['x==1'], null)).rejects.toThrow(why);
});

test('a Python that cannot make environments is named', async () => {
  const broken = { kind: 'python', command: 'false' } as const;
  await expect(prepareVenv(join(scratch(), 'venv'), ['x==1'], broken)).rejects.toThrow(
    /^the virtual environment could not be made/,
  );
});

test('a taken port ends in one line, before anything is installed', async () => {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const failed = await promisify(execFile)(process.execPath, [lab, '--port', String(port)]).catch(
    (error) => error,
  );
  server.close();
  expect(failed.code).toBe(1);
  expect(failed.stderr.trim()).toBe(`port ${port} is taken; choose another or leave --port out`);
});

test('the port is read from both forms', () => {
  expect(askedPort(['--no-browser', '--port', '9999'])).toBe(9999);
  expect(askedPort(['--port=8899'])).toBe(8899);
  expect(askedPort(['--no-browser'])).toBeUndefined();
});

test('the kernel specification holds no path of the machine', () => {
  const share = join(root, '.cache', 'lab-test');
  writeKernelspec(share);
  const spec = readFileSync(join(share, 'kernels', 'tslab', 'kernel.json'), 'utf8');
  expect(spec).not.toContain(root);
  expect(JSON.parse(spec)).toMatchObject({ interrupt_mode: 'message', language: 'typescript' });
});

test('Binder installs the versions of npm run lab', () => {
  const binder = readFileSync(join(root, 'binder', 'environment.yml'), 'utf8');
  for (const name of packages) expect(binder).toContain(`- ${name}\n`);
});
