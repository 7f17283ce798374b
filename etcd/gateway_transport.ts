import { Buffer } from "node:buffer";
import { EtcdCallError, STATUS } from "./call_error.ts";
import { withDeadline } from "./deadline.ts";
import type { EtcdHost } from "./host.ts";
import { HttpClient, type HttpClientOptions } from "./http_client.ts";
import { LineSplitter } from "./json_lines.ts";
import { fields, isMessage, text } from "./messages.ts";
import type {
  CallOptions,
  ConnectOptions,
  EtcdConnection,
  EtcdMethod,
  EtcdTransport,
  Message,
  WatchListener,
  WatchStream,
} from "./transport.ts";

const PATHS: Readonly<Record<EtcdMethod | "Watch/watch", string>> = {
  "KV/range": "/v3/kv/range",
  "KV/txn": "/v3/kv/txn",
  "Maintenance/status": "/v3/maintenance/status",
  "Maintenance/alarm": "/v3/maintenance/alarm",
  "Auth/authenticate": "/v3/auth/authenticate",
  "Watch/watch": "/v3/watch",
};

/** Talks to etcd's JSON gateway with `fetch`. */
export class GatewayTransport implements EtcdTransport {
  readonly #options: HttpClientOptions;

  /** Creates the transport. */
  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Makes a client of its own for each connection, so that no dead TCP connection is used again. */
  connect(host: EtcdHost, { token }: ConnectOptions): Promise<EtcdConnection> {
    return Promise.resolve(new GatewayConnection(new HttpClient(host, this.#options), token));
  }
}

class GatewayConnection implements EtcdConnection {
  readonly #http: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(http: HttpClient, token: string | undefined) {
    this.#http = http;
    this.#headers = {
      "Content-Type": "application/json",
      ...(token !== undefined && { Authorization: token }),
    };
  }

  encodeBytes(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  }

  decodeBytes(value: unknown): Uint8Array {
    return typeof value === "string" ? Buffer.from(value, "base64") : new Uint8Array();
  }

  call(method: EtcdMethod, request: Message, options: CallOptions): Promise<Message> {
    return withDeadline(options, async (signal) => {
      const response = await this.#post(PATHS[method], request, signal);
      return parse(await response.text());
    });
  }

  watch(create: Message, listener: WatchListener): WatchStream {
    const cancelled = new AbortController();
    const { signal } = cancelled;
    const ended = this.#stream(create, listener.onFrame, signal).then(
      () => new EtcdCallError(STATUS.unavailable, "the watch stream ended"),
      (error) => error instanceof Error ? error : new Error(String(error)),
    ).then((error) => {
      if (!signal.aborted) listener.onEnd(error);
    });
    return {
      cancel: () => {
        cancelled.abort();
        return ended;
      },
    };
  }

  close(): Promise<void> {
    this.#http.close();
    return Promise.resolve();
  }

  async #stream(
    create: Message,
    onFrame: (frame: Message) => void,
    signal: AbortSignal,
  ): Promise<void> {
    // The gateway hands metadata on under this name.
    const headers = { "Grpc-Metadata-hasleader": "true" };
    const body = { create_request: create };
    const response = await this.#post(PATHS["Watch/watch"], body, signal, headers);
    const lines = new LineSplitter((line) => {
      const message = parse(line);
      if (message["error"] !== undefined) throw errorOf(fields(message["error"]), line);
      onFrame(fields(message["result"]));
    });
    for await (const piece of response.body ?? []) {
      if (signal.aborted) return;
      lines.push(piece);
    }
    if (lines.isMidLine) {
      throw new EtcdCallError(STATUS.unavailable, "the watch stream was cut off");
    }
  }

  async #post(
    path: string,
    body: Message,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    let response;
    try {
      response = await this.#http.fetch(path, {
        method: "POST",
        headers: { ...this.#headers, ...headers },
        body: JSON.stringify(body),
        redirect: "error",
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new EtcdCallError(STATUS.unavailable, reasonOf(error), { cause: error });
    }
    if (response.ok) return response;
    const answer = await response.text();
    throw errorOf(messageIn(answer), `HTTP ${response.status}: ${answer.slice(0, 200)}`);
  }
}

/** What etcd, in whichever of its versions, says of an error. */
function errorOf(error: Message, otherwise: string): EtcdCallError {
  const status = Number(error["code"] ?? error["grpc_code"] ?? STATUS.unknown);
  const reason = text(error["message"]) || text(error["error"]);
  return new EtcdCallError(status, reason || otherwise);
}

function parse(answer: string): Message {
  const message = messageIn(answer);
  if (Object.keys(message).length > 0 || answer.trim() === "{}") return message;
  throw new EtcdCallError(STATUS.unknown, "the answer is no JSON: it is not etcd's gateway");
}

function messageIn(answer: string): Message {
  try {
    const value: unknown = JSON.parse(answer);
    return isMessage(value) ? value : {};
  } catch {
    return {};
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
