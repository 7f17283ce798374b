import { systemClock } from "../src/time/clock.ts";
import { race } from "../src/time/waiting.ts";
import { EtcdCallError, STATUS } from "./call_error.ts";
import type { EtcdHost } from "./host.ts";
import { keyAfter, type KeyRange } from "./key_range.ts";
import {
  type EtcdKeyValue,
  rangeMessage,
  type RangeRequest,
  type RangeResult,
  readRange,
  readTxn,
  readWatchFrame,
  txnMessage,
  type TxnRequest,
  type TxnResult,
  type WatchFrame,
  watchMessage,
} from "./messages.ts";
import type { EtcdSettings } from "./options.ts";
import type { EtcdConnection, EtcdMethod, Message, WatchStream } from "./transport.ts";

/** How long a stream may take to end before the connection is closed all the same. */
const CANCEL_MS = 1_000;

/** What {@linkcode openSession} takes. */
export interface SessionOptions {
  readonly settings: EtcdSettings;
  readonly host: EtcdHost;
  /** Ends every call of the session. */
  readonly signal: AbortSignal;
}

/** What hears of a session's watch. */
export interface SessionWatch {
  readonly range: KeyRange;
  /** From which revision on. @default now */
  readonly startRevision?: number;
  readonly onFrame: (frame: WatchFrame) => void;
  readonly onEnd: (error: Error) => void;
}

/** The keys of a range, all as of one revision. */
export interface Listing {
  readonly clusterId: string;
  readonly revision: number;
  readonly kvs: readonly EtcdKeyValue[];
}

/**
 * Opens a session to one host, with a fresh token where there is a user. The token is fetched
 * over a connection of its own that is closed before the other is opened: one
 * that has served calls and has no stream open may not survive etcd's restart.
 */
export async function openSession(options: SessionOptions): Promise<EtcdSession> {
  const { settings, host, signal } = options;
  const { transport, requestTimeoutMs: timeoutMs, username: name, password } = settings;
  const limits = { signal, timeoutMs };
  if (name === undefined) {
    return new EtcdSession(await transport.connect(host, limits), options);
  }
  const anonymous = await transport.connect(host, limits);
  let token;
  try {
    const answer = await anonymous.call("Auth/authenticate", { name, password }, limits);
    token = String(answer["token"]);
  } catch (error) {
    if (!isAuthOff(error)) throw error;
  } finally {
    await anonymous.close();
  }
  const connection = await transport.connect(host, {
    ...limits,
    ...(token !== undefined && { token }),
  });
  return new EtcdSession(connection, options);
}

/** A connection to one host for the length of a watch, or of one request. */
export class EtcdSession implements AsyncDisposable {
  readonly #connection: EtcdConnection;
  readonly #options: SessionOptions;
  readonly #streams: WatchStream[] = [];

  /** Takes over an open connection. */
  constructor(connection: EtcdConnection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** The host that it talks to. */
  get host(): EtcdHost {
    return this.#options.host;
  }

  /** Opens a watch; it stands when a frame says so. */
  watch({ range, startRevision, onFrame, onEnd }: SessionWatch): WatchStream {
    const stream = this.#connection.watch(watchMessage(range, this.#connection, startRevision), {
      onFrame: (frame) => {
        try {
          onFrame(readWatchFrame(frame, this.#connection));
        } catch (error) {
          onEnd(error instanceof Error ? error : new Error(String(error)));
        }
      },
      onEnd,
    });
    this.#streams.push(stream);
    return stream;
  }

  /** Reads a range, by default as the quorum has it. */
  async range(request: RangeRequest): Promise<RangeResult> {
    const message = rangeMessage(request, this.#connection);
    return readRange(await this.call("KV/range", message), this.#connection);
  }

  /** Reads all of a range at one revision, page by page. */
  async list(range: KeyRange): Promise<Listing> {
    const { pageSize } = this.#options.settings;
    const kvs: EtcdKeyValue[] = [];
    let page = await this.range({ ...range, limit: pageSize });
    const { clusterId, revision } = page.header;
    for (;;) {
      for (const kv of page.kvs) kvs.push(kv);
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) return { clusterId, revision, kvs };
      const key = keyAfter(last.key);
      page = await this.range({ ...range, key, limit: pageSize, revision });
    }
  }

  /** Does a transaction. */
  async txn(request: TxnRequest): Promise<TxnResult> {
    const message = txnMessage(request, this.#connection);
    return readTxn(await this.call("KV/txn", message), this.#connection);
  }

  /** Makes a call under the deadline. */
  call(method: EtcdMethod, message: Message): Promise<Message> {
    const { settings, signal } = this.#options;
    return this.#connection.call(method, message, {
      signal,
      timeoutMs: settings.requestTimeoutMs,
    });
  }

  /** Ends the streams, waits a second for them at most, and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = Promise.all(this.#streams.map((stream) => stream.cancel()));
    try {
      await race(ended, { clock: systemClock, timeoutMs: CANCEL_MS });
    } catch {
      // A stream that does not end, ends with its connection.
    } finally {
      await this.#connection.close();
    }
  }
}

/** Whether etcd says that it has no users, so that none need be shown. */
function isAuthOff(error: unknown): boolean {
  return error instanceof EtcdCallError && error.status === STATUS.failedPrecondition &&
    /not enabled/.test(error.message);
}
