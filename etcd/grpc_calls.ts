import { Deferred } from "../src/call/deferred.ts";
import { EtcdCallError, STATUS } from "./call_error.ts";
import type { GrpcMetadata } from "./grpc_pool.ts";
import { isMessage } from "./messages.ts";
import type { Message, WatchListener, WatchStream } from "./transport.ts";

/** A call that is under way. */
interface Call {
  cancel(): void;
}

type UnaryMethod = (
  this: object,
  request: Message,
  metadata: GrpcMetadata,
  options: { readonly deadline: number },
  callback: (error: unknown, response: unknown) => void,
) => Call;

/** A bidirectional stream, as grpc-js has it. */
interface Duplex extends Call {
  write(message: Message): void;
  on(event: string, listener: (value: unknown) => void): void;
}

/** What {@linkcode callUnary} takes. */
export interface UnaryOptions {
  readonly metadata: GrpcMetadata;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Makes a unary call on a raw client of grpc-js; cancels it when the signal is aborted. */
export function callUnary(
  client: object,
  method: string,
  request: Message,
  { metadata, signal, timeoutMs }: UnaryOptions,
): Promise<Message> {
  const call: UnaryMethod = Reflect.get(client, method);
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    const running = call.call(client, request, metadata, options, (error, response) => {
      signal.removeEventListener("abort", cancel);
      if (error) reject(callError(error));
      else resolve(isMessage(response) ? response : {});
    });
    const cancel = (): void => running.cancel();
    signal.addEventListener("abort", cancel);
  });
}

/** Opens a watch stream on a raw client of grpc-js and creates one watch. */
export function openWatchStream(
  client: object,
  create: Message,
  metadata: GrpcMetadata,
  listener: WatchListener,
): WatchStream {
  const stream: Duplex = Reflect.apply(Reflect.get(client, "watch"), client, [metadata]);
  const gone = new Deferred<void>();
  let isOver = false;
  const end = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    listener.onEnd(error);
  };
  stream.on("data", (frame) => {
    if (!isOver && isMessage(frame)) listener.onFrame(frame);
  });
  stream.on("error", (error) => end(callError(error)));
  stream.on("end", () => end(new EtcdCallError(STATUS.unavailable, "the watch stream ended")));
  stream.on("status", () => gone.resolve());
  stream.write({ create_request: create });
  return {
    requestProgress: () => {
      if (!isOver) stream.write({ progress_request: {} });
    },
    cancel: () => {
      isOver = true;
      stream.cancel();
      return gone.promise;
    },
  };
}

function callError(error: unknown): EtcdCallError {
  if (!(error instanceof Error)) return new EtcdCallError(STATUS.unknown, String(error));
  const status = "code" in error && typeof error.code === "number" ? error.code : STATUS.unknown;
  const message = "details" in error && typeof error.details === "string" && error.details !== ""
    ? error.details
    : error.message;
  const hint = /servername' must not be an IP/.test(message)
    ? 'TLS to an address needs "tls.serverName": '
    : "";
  return new EtcdCallError(status, hint + message, { cause: error });
}
