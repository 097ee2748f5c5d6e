/** Jupyter messages, protocol 5.4: types, signature, wire format. Nothing here knows about sockets. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export const protocolVersion = '5.4';
const delimiter = Buffer.from('<IDS|MSG>');

/** The connection file that the front end writes. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  shell_port: number;
  control_port: number;
  iopub_port: number;
  stdin_port: number;
  hb_port: number;
}

export interface Header {
  msg_id: string;
  msg_type: string;
  session?: string;
  username?: string;
  date?: string;
  version?: string;
}

export type Content = Record<string, unknown>;
export type Channel = 'shell' | 'control' | 'iopub';

/** A message that came in; `channel` and `identities` say where its reply goes, `received` when it came (ms). */
export interface Request {
  channel: Channel;
  identities: Uint8Array[];
  header: Header;
  content: Content;
  received: number;
}

/** A message to send: a reply on the request's channel or, on "iopub", a broadcast. */
export interface Outgoing {
  channel: Channel;
  type: string;
  content: Content;
  request: Request | null;
}

/** Sends a message about `request`; "shell" means the channel on which the request came. */
export type Send = (
  channel: 'shell' | 'iopub',
  type: string,
  content: Content,
  request: Request | null,
) => void;

function sign(key: string, parts: readonly Uint8Array[]): string {
  if (key === '') return ''; // an empty key switches signatures off
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Reads [identity …, delimiter, signature, header, parent, metadata, content]; null for anything unsigned or malformed. */
export function decode(channel: Channel, key: string, frames: readonly Buffer[]): Request | null {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  const signature = frames[at + 1];
  const parts = frames.slice(at + 2);
  if (at < 0 || !signature || parts.length < 4) return null;
  const expected = Buffer.from(sign(key, parts));
  if (key !== '' && !(expected.length === signature.length && timingSafeEqual(expected, signature)))
    return null;
  try {
    const [header, , , content] = parts.map((part) => JSON.parse(String(part)) as unknown);
    const identities = frames.slice(0, at);
    return {
      channel,
      identities,
      header: header as Header,
      content: content as Content,
      received: Date.now(),
    };
  } catch {
    return null;
  }
}

/** `session` is the kernel's own; it differs from the front end's. */
export function encode(
  key: string,
  session: string,
  { channel, type, content, request }: Outgoing,
): Buffer[] {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: 'kernel',
    date: new Date().toISOString(),
    version: protocolVersion,
  };
  const parts = [header, request?.header ?? {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  const address =
    channel === 'iopub' ? [Buffer.from(type)] : (request?.identities ?? []).map((id) => Buffer.from(id));
  return [...address, delimiter, Buffer.from(sign(key, parts)), ...parts];
}
