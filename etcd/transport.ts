import type { EtcdHost } from "./host.ts";

/** A request or a response as its fields, which have the same names in gRPC and in JSON. */
export type Message = Readonly<Record<string, unknown>>;

/** The calls that are made, by service. */
export type EtcdMethod =
  | "KV/range"
  | "KV/txn"
  | "Maintenance/status"
  | "Maintenance/alarm"
  | "Auth/authenticate";

/** What ends a call. */
export interface CallOptions {
  /** Ends the call with the signal's reason. */
  readonly signal: AbortSignal;
  /** When the call is over at the latest, in milliseconds from now. */
  readonly timeoutMs: number;
}

/** What hears of a watch. */
export interface WatchListener {
  /** A frame came. */
  readonly onFrame: (frame: Message) => void;
  /** The stream is over, without having been asked to end. Called once. */
  readonly onEnd: (error: Error) => void;
}

/** A watch stream. */
export interface WatchStream {
  /** Asks for a frame without events; absent where the transport cannot. */
  readonly requestProgress?: () => void;
  /** Ends the stream and resolves when nothing of it is left. */
  cancel(): Promise<void>;
}

/** A connection to one host. */
export interface EtcdConnection {
  /** How bytes are put into a message. */
  encodeBytes(bytes: Uint8Array): unknown;
  /** How bytes are taken out of a message. */
  decodeBytes(value: unknown): Uint8Array;
  /**
   * Makes a call, once.
   *
   * @throws {EtcdCallError} If etcd refuses it, or no answer came.
   */
  call(method: EtcdMethod, request: Message, options: CallOptions): Promise<Message>;
  /** Opens a watch stream that asks for a leader and creates one watch. */
  watch(create: Message, listener: WatchListener): WatchStream;
  /** Frees everything; for when no stream is open any more. */
  close(): Promise<void>;
}

/** What a connection needs to know besides the host. */
export interface ConnectOptions extends CallOptions {
  /** What each call shows; absent: etcd asks for none, or the connection is to get one. */
  readonly token?: string;
}

/** A way to talk to etcd. */
export interface EtcdTransport {
  /** Opens a connection to `host` that shares nothing with any other. */
  connect(host: EtcdHost, options: ConnectOptions): Promise<EtcdConnection>;
}
