import { DEADLINE_EXCEEDED, UNAVAILABLE } from "../rpc/status_code.ts";

const ABORTED = 10;
const CODE_NAMES = { [DEADLINE_EXCEEDED]: "deadline_exceeded", [UNAVAILABLE]: "unavailable" };

/** What else a failure says. */
export interface ConnectFailureOptions extends ErrorOptions {
  /** Metadata for the caller, by key. @default {} */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A call that failed here. It is a `ConnectError` to every copy and version of
 * `@connectrpc/connect`, whose class takes for its own what looks like this, so
 * that none need be imported.
 */
export class ConnectFailure extends Error {
  /** The code, as connect-es's `Code` numbers them. */
  readonly code: number;
  /** The message without the code's name. */
  readonly rawMessage: string;
  /** Metadata for the caller. */
  readonly metadata: Headers;
  /** Protobuf messages with the error: none. */
  readonly details: readonly never[] = [];
  /** Whether a server has sent it. */
  readonly isWireError = false;
  override readonly cause: unknown;

  /** Creates a failure. */
  constructor(
    code: keyof typeof CODE_NAMES,
    message: string,
    { metadata = {}, cause }: ConnectFailureOptions = {},
  ) {
    super(`[${CODE_NAMES[code]}] ${message}`);
    this.code = code;
    this.rawMessage = message;
    this.metadata = new Headers(metadata);
    this.cause = cause;
  }

  /** The details of one type: none. */
  findDetails(): never[] {
    return [];
  }

  static {
    this.prototype.name = "ConnectError";
  }
}

/** What a `ConnectError` says. */
export interface ConnectEnding {
  /** Its code. */
  readonly code: number;
  /** Its message without the code's name. */
  readonly message: string;
}

/** What a `ConnectError` of any copy says; `undefined`: `error` is none. */
export function readConnectError(error: unknown): ConnectEnding | undefined {
  if (!(error instanceof Error) || error.name !== "ConnectError") return undefined;
  if (!("code" in error) || typeof error.code !== "number") return undefined;
  const message = String("rawMessage" in error ? error.rawMessage : error.message);
  // connect-node's word for a connection that was cut; a server's own Aborted, an answer, has no cause.
  const isCut = error.code === ABORTED && error.cause instanceof Error;
  return { code: isCut ? UNAVAILABLE : error.code, message };
}
