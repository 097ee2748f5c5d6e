/**
 * The thread that owns all sockets. Heartbeat, kernel_info, interrupt and shutdown are answered here, also while the main
 * thread is busy; output of a synchronous loop leaves at once. Other requests go to the main thread.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { Publisher, Reply, Router } from 'zeromq';
import { sendInterrupt, type Shared } from './interrupt.js';
import { decode, encode, type Connection, type Content, type Outgoing, type Request } from './protocol.js';

export interface SocketData {
  connection: Connection;
  kernelInfo: Content;
  shared: Shared;
}
export type ToMain =
  | { kind: 'request'; request: Request }
  | { kind: 'interrupt'; at: number }
  | { kind: 'shutdown' };

const parentCheck = 2000; // ms
const main = parentPort!;
const { connection, kernelInfo, shared } = workerData as SocketData;
const session = randomUUID();
const tell = (message: ToMain) => main.postMessage(message);
const sockets = {
  shell: new Router({ sendHighWaterMark: 0 }),
  control: new Router({ sendHighWaterMark: 0 }),
  iopub: new Publisher({ sendHighWaterMark: 0 }),
};
const beat = new Reply();
const stdin = new Router(); // bound because clients connect to it; the kernel asks for no input
let running: Request | null = null; // the cell that the main thread runs

// A socket sends one message at a time, in order.
const tails: Record<string, Promise<void>> = {};
function send(message: Outgoing): Promise<void> {
  const frames = encode(connection.key, session, message);
  const socket = sockets[message.channel];
  const sent = (tails[message.channel] ?? Promise.resolve()).then(() =>
    socket.closed ? undefined : socket.send(frames),
  );
  return (tails[message.channel] = sent.catch((error) => console.error('kernel: message not sent:', error)));
}

function status(execution_state: string, request: Request | null): Promise<void> {
  return send({ channel: 'iopub', type: 'status', content: { execution_state }, request });
}

/** Answers a request of this thread between "busy" and "idle"; a cell that runs meanwhile is shown as busy again. */
async function answer(request: Request, content: Content): Promise<void> {
  void status('busy', request);
  const type = request.header.msg_type.replace('_request', '_reply');
  void send({ channel: request.channel, type, content: { status: 'ok', ...content }, request });
  await status('idle', request);
  if (running) await status('busy', running);
}

async function receive(request: Request): Promise<void> {
  switch (request.header.msg_type) {
    case 'kernel_info_request':
      return answer(request, kernelInfo);
    case 'interrupt_request':
      sendInterrupt(shared, () => tell({ kind: 'interrupt', at: request.received }));
      return answer(request, {});
    case 'shutdown_request':
      await answer(request, { restart: request.content.restart === true });
      // An open socket at the end makes Node 22 abort.
      for (const socket of [...Object.values(sockets), beat, stdin]) socket.close();
      tell({ kind: 'shutdown' });
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000); // when the main thread is busy
      return;
    default:
      tell({ kind: 'request', request });
  }
}

async function listen(channel: 'shell' | 'control'): Promise<void> {
  for await (const frames of sockets[channel]) {
    const request = decode(channel, connection.key, frames);
    if (request) await receive(request);
  }
}

async function heartbeat(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames);
}

main.on('message', (message: Outgoing) => {
  const { type, content, request } = message;
  const state = type === 'status' ? content.execution_state : null;
  if (state && request?.header.msg_type === 'execute_request') running = state === 'busy' ? request : null;
  void send(message);
  if (state === 'idle' && running) void status('busy', running);
});

async function start(): Promise<void> {
  const { transport, ip, iopub_port, stdin_port, hb_port, control_port, shell_port } = connection;
  const address = (port: number) => `${transport}://${ip}${transport === 'ipc' ? '-' : ':'}${port}`;
  await sockets.iopub.bind(address(iopub_port));
  await stdin.bind(address(stdin_port));
  await beat.bind(address(hb_port));
  await sockets.control.bind(address(control_port));
  await sockets.shell.bind(address(shell_port));
  await status('starting', null);
  void heartbeat(beat);
  void listen('control');
  void listen('shell');
  const parent = process.ppid; // do not outlive the server that started us
  setInterval(() => void (process.ppid !== parent && process.kill(process.pid, 'SIGKILL')), parentCheck);
}
void start();
