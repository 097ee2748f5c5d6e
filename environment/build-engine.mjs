// npm run build:engine [-- target …]
// Cross-builds the fused LSTM from lib/engine/native/ with one pinned compiler (zig, from PyPI), byte for byte the same
// everywhere. The results are committed: nobody else needs a compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from './setup.mjs';

export const zigVersion = '0.17.1';
const sources = join(root, 'lib', 'engine', 'native');
export const prebuilt = join(root, 'lib', 'engine', 'prebuilt');

const x64 = [
  { name: 'avx2', lanes: 8, cpu: 'x86_64_v3' },
  { name: 'avx512', lanes: 16, cpu: 'x86_64_v4-prefer_256_bit' },
];
const neon = (/** @type {string} */ cpu) => [{ name: 'neon', lanes: 4, cpu }];

/** @type {{ [target: string]: { triple: string, cpu: string, kernels: typeof x64 } }} */
const addons = {
  'linux-x64': { triple: 'x86_64-linux-gnu.2.17', cpu: 'x86_64', kernels: x64 },
  'linux-arm64': { triple: 'aarch64-linux-gnu.2.17', cpu: 'baseline', kernels: neon('baseline') },
  'linux-x64-musl': { triple: 'x86_64-linux-musl', cpu: 'x86_64', kernels: x64 },
  'darwin-x64': { triple: 'x86_64-macos.11.0', cpu: 'x86_64', kernels: x64 },
  'darwin-arm64': { triple: 'aarch64-macos.11.0', cpu: 'apple_m1', kernels: neon('apple_m1') },
  'win32-x64': { triple: 'x86_64-windows-gnu', cpu: 'x86_64', kernels: x64 },
};
/** @type {{ [target: string]: string }} */
const modules = { 'wasm-simd': '', 'wasm-relaxed': '+relaxed_simd', 'wasm-single': '' };

export const targets = [...Object.keys(addons), ...Object.keys(modules)];

/** The kernels' sources, each compiled once for every kind of processor. */
const parts = ['lstm', 'mlp', 'conv', 'winograd', 'convnet', 'style'];

// No path, date or identifier of the machine may enter the output.
const flags = [
  '-std=gnu11',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-ffp-contract=off',
  '-g0',
  '-fno-ident',
];
const common = [...flags, '-Wall', '-Wextra', `-ffile-prefix-map=${sources}=.`];

/** The command of the pinned compiler, or undefined where it is not installed. */
export function findZig() {
  const own = join(root, '.cache', 'zig', 'bin', 'python');
  for (const python of [own, 'python3']) {
    try {
      const args = ['-m', 'ziglang'];
      const version = execFileSync(python, [...args, 'version'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (version.trim() === zigVersion) return { command: python, args };
    } catch {
      continue; // not there
    }
  }
  return undefined;
}

/**
 * Builds one target into a folder.
 * @param {string} target
 * @param {string} folder
 * @returns {string} the file's name
 */
export function build(target, folder) {
  const zig = findZig();
  if (!zig)
    throw new Error(
      `zig ${zigVersion} is needed: python3 -m venv .cache/zig && .cache/zig/bin/pip install ziglang==${zigVersion}`,
    );
  const temp = mkdtempSync(join(tmpdir(), 'engine-'));
  const cc = (/** @type {string} */ cwd, /** @type {string[]} */ ...args) =>
    execFileSync(zig.command, [...zig.args, ...args], { cwd, stdio: 'inherit' });
  try {
    const file = target in addons ? addon(target, temp, cc) : wasm(target, temp, cc);
    mkdirSync(folder, { recursive: true });
    // Renamed into place: a process that has loaded the old file keeps it.
    copyFileSync(join(temp, file), join(folder, `${file}.tmp`));
    renameSync(join(folder, `${file}.tmp`), join(folder, file));
    return file;
  } finally {
    rmSync(temp, { recursive: true });
  }
}

/** @typedef {(cwd: string, ...args: string[]) => void} Compile */

/** @param {string} target @param {string} temp @param {Compile} zig */
function addon(target, temp, zig) {
  const { triple, cpu, kernels } = /** @type {typeof addons['']} */ (addons[target]);
  const windows = triple.includes('windows');
  const headers = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));
  const pic = windows ? '-DNAPI_EXTERN=__declspec(dllimport)' : '-fPIC';
  const cc = ['cc', '-target', triple, ...common, '-fvisibility=hidden', pic];
  for (const { name, lanes, cpu } of kernels) {
    for (const kernel of parts) {
      const output = join(temp, `${kernel}-${name}.o`);
      const define = [`-DVL=${lanes}`, `-DVARIANT=${name}`];
      zig(sources, ...cc, `-mcpu=${cpu}`, ...define, '-c', `${kernel}.c`, '-o', output);
    }
  }
  const include = `-I${join(headers, 'include')}`;
  zig(sources, ...cc, `-mcpu=${cpu}`, include, '-c', 'addon.c', '-o', join(temp, 'addon.o'));
  const link = ['-shared', '-s'];
  if (triple.includes('macos'))
    link.push('-Wl,-undefined,dynamic_lookup', '-Wl,-install_name,@rpath/lstm.node');
  if (triple.includes('linux')) link.push('-Wl,--build-id=none', '-Wl,-soname,lstm.node', '-pthread');
  if (windows) {
    const parts = ['js_native_api', 'node_api'].map((f) =>
      readFileSync(join(headers, 'def', `${f}.def`), 'utf8'),
    );
    writeFileSync(join(temp, 'node.def'), parts[0] + '\n' + parts[1]?.replace(/^[\s\S]*EXPORTS\s*/, ''));
    zig(temp, 'dlltool', '-m', 'i386:x86-64', '-D', 'node.exe', '-d', 'node.def', '-l', 'node.lib');
    link.push('node.lib');
  }
  const file = `lstm-${target}.node`;
  const objects = [...kernels.flatMap(({ name }) => parts.map((part) => `${part}-${name}.o`)), 'addon.o'];
  zig(temp, 'cc', '-target', triple, `-mcpu=${cpu}`, ...objects, ...link, '-o', file);
  if (windows) {
    // The linker writes the time into the header.
    const pe = readFileSync(join(temp, file));
    pe.writeUInt32LE(0, pe.readUInt32LE(0x3c) + 8);
    writeFileSync(join(temp, file), pe);
  }
  return file;
}

/** @param {string} target @param {string} temp @param {Compile} zig */
function wasm(target, temp, zig) {
  const file = `lstm-${target.replace('wasm-', '')}.wasm`;
  // 'single' is for places without shared memory, and so without threads.
  const shared = target !== 'wasm-single';
  const atomics = shared ? '+atomics' : '';
  const features = `-mcpu=generic+simd128${atomics}+bulk_memory+mutable_globals${modules[target]}`;
  const memory = ['--import-memory', ...(shared ? ['--shared-memory'] : [])];
  memory.push('--max-memory=4294901760', '--export=__stack_pointer');
  const link = ['--no-entry', ...memory].map((flag) => `-Wl,${flag}`);
  const cc = [
    'cc',
    '-target',
    'wasm32-freestanding',
    features,
    ...common,
    '-DVL=4',
    '-DVARIANT=wasm',
    '-nostdlib',
  ];
  zig(
    sources,
    ...cc,
    ...parts.map((part) => `${part}.c`),
    'wasm.c',
    '-s',
    ...link,
    '-Wl,-z,stack-size=65536',
    '-o',
    join(temp, file),
  );
  return file;
}

/** @param {string} path */
export const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run(async () => {
    const only = process.argv.slice(2);
    for (const target of only) {
      if (!targets.includes(target))
        throw new Error(`unknown target '${target}'; there are: ${targets.join(', ')}`);
    }
    for (const target of only.length ? only : targets) console.log(`built ${build(target, prebuilt)}`);
    const files = [
      ...Object.keys(addons).map((t) => `lstm-${t}.node`),
      ...Object.keys(modules).map((t) => `lstm-${t.replace('wasm-', '')}.wasm`),
    ];
    const made = files.filter((file) => existsSync(join(prebuilt, file)));
    writeFileSync(
      join(prebuilt, 'SHA256SUMS'),
      made.map((file) => `${sha256(join(prebuilt, file))}  ${file}\n`).join(''),
    );
  });
}
