import { Buffer } from "node:buffer";
import {
  type CallOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Interceptor,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceError,
} from "npm:@grpc/grpc-js@1.14.7";

/** What a caller asks of the server: so many messages, and then a status or silence. */
export interface Ask {
  /** Messages to send before the call ends. @default 1 */
  readonly count?: number;
  /** The status to end with. @default 0 */
  readonly code?: number;
  /** Do not end at all. @default false */
  readonly hang?: boolean;
}

/** What the server answers. */
export interface Answer {
  readonly count: number;
}

/** Full names of the methods. */
export const GET = "/im.Users/Get";
export const LIST = "/im.Users/List";
export const PUT = "/im.Users/Put";
export const CHAT = "/im.Users/Chat";

/** What the end of a call looks like to its caller. */
export interface Ending {
  readonly messages: readonly Answer[];
  readonly error: ServiceError | undefined;
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function decode<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString());
}

function method(
  path: string,
  requestStream: boolean,
  responseStream: boolean,
): MethodDefinition<Ask, Answer> {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: encode,
    requestDeserialize: decode,
    responseSerialize: encode,
    responseDeserialize: decode,
  };
}

const SERVICE = {
  get: method(GET, false, false),
  list: method(LIST, false, true),
  put: method(PUT, true, false),
  chat: method(CHAT, true, true),
};

/** A real gRPC server on loopback that does as it is asked. */
export class UsersServer implements AsyncDisposable {
  readonly #server = new Server();
  /** Calls that have reached it. */
  calls = 0;
  /** Calls that it knows to be cancelled. */
  cancelled = 0;
  port = 0;

  static async start(port: number = 0): Promise<UsersServer> {
    const server = new UsersServer();
    server.#server.addService(SERVICE, {
      get: server.#get,
      list: server.#list,
      put: server.#put,
      chat: server.#chat,
    });
    server.port = await new Promise((resolve, reject) => {
      const done = (error: Error | null, bound: number): void =>
        error === null ? resolve(bound) : reject(error);
      server.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), done);
    });
    return server;
  }

  /** Ends it as a crash would: every connection is cut. */
  kill(): void {
    this.#server.forceShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
    // The HTTP/2 sessions close in the turns after it.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  readonly #get: handleUnaryCall<Ask, Answer> = (call, callback) => {
    this.#begin(call);
    const { hang, code = 0, count = 1 } = call.request;
    if (hang) return;
    if (code === 0) callback(null, { count });
    else callback({ code, details: `asked for ${code}` });
  };

  readonly #put: handleClientStreamingCall<Ask, Answer> = (call, callback) => {
    this.#begin(call);
    let count = 0;
    call.on("data", ({ code = 0, hang }: Ask) => {
      count++;
      if (code !== 0) callback({ code, details: `asked for ${code}` });
      if (hang) count = -Infinity;
    });
    call.on("end", () => count > 0 && callback(null, { count }));
  };

  readonly #list: handleServerStreamingCall<Ask, Answer> = (call) => {
    this.#begin(call);
    const { hang, code = 0, count = 1 } = call.request;
    for (let sent = 1; sent <= count; sent++) call.write({ count: sent });
    if (hang) return;
    if (code === 0) call.end();
    else call.emit("error", { code, details: `asked for ${code}` });
  };

  readonly #chat: handleBidiStreamingCall<Ask, Answer> = (call) => {
    this.#begin(call);
    call.on("data", ({ count = 1, code = 0, hang }: Ask) => {
      if (code !== 0) call.emit("error", { code, details: `asked for ${code}` });
      else if (!hang) call.write({ count });
    });
    call.on("end", () => call.end());
  };

  #begin(call: { on(event: "cancelled", listener: () => void): unknown }): void {
    this.calls++;
    call.on("cancelled", () => this.cancelled++);
  }
}

/** A client of the server, behind interceptors. */
export class UsersClient extends Client implements Disposable {
  constructor(port: number, ...interceptors: Interceptor[]) {
    // Each client has a connection of its own, so that none is left to the next test.
    super(`127.0.0.1:${port}`, credentials.createInsecure(), {
      interceptors,
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Connects, so that no connection is still being made when the client is closed. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waitForReady(Date.now() + 5_000, (error) => error ? reject(error) : resolve());
    });
  }

  /** Calls `Get`, and hands its call to `onCall` as soon as there is one. */
  get(
    ask: Ask,
    options: CallOptions = {},
    onCall?: (call: ClientUnaryCall) => void,
  ): Promise<Ending> {
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, answer?: Answer): void =>
        resolve({ messages: answer ? [answer] : [], error: error ?? undefined });
      const { path, requestSerialize, responseDeserialize } = SERVICE.get;
      const metadata = secretMetadata();
      const call = this.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        ask,
        metadata,
        options,
        done,
      );
      onCall?.(call);
    });
  }

  list(ask: Ask, options: CallOptions = {}): ClientReadableStream<Answer> {
    const { path, requestSerialize, responseDeserialize } = SERVICE.list;
    return this.makeServerStreamRequest(path, requestSerialize, responseDeserialize, ask, options);
  }

  chat(options: CallOptions = {}): ClientDuplexStream<Ask, Answer> {
    const { path, requestSerialize, responseDeserialize } = SERVICE.chat;
    return this.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, options);
  }

  put(
    done: (error: ServiceError | null, answer?: Answer) => void,
    options: CallOptions = {},
  ): ClientWritableStream<Ask> {
    const { path, requestSerialize, responseDeserialize } = SERVICE.put;
    return this.makeClientStreamRequest(path, requestSerialize, responseDeserialize, options, done);
  }

  /** Makes one call of the kind that `path` names, with one message each way, to its end. */
  call(path: string, ask: Ask, options: CallOptions = {}): Promise<Ending> {
    if (path === GET) return this.get(ask, options);
    if (path === LIST) return endOf(this.list(ask, options));
    if (path === CHAT) {
      const stream = this.chat(options);
      stream.write(ask);
      stream.end();
      return endOf(stream);
    }
    return new Promise((resolve) => {
      const stream = this.put((error, answer) => {
        resolve({ messages: answer ? [answer] : [], error: error ?? undefined });
      }, options);
      stream.write(ask);
      stream.end();
    });
  }
}

/** How a stream ends. */
export function endOf(
  stream: ClientReadableStream<Answer> | ClientDuplexStream<Ask, Answer>,
): Promise<Ending> {
  const messages: Answer[] = [];
  return new Promise((resolve) => {
    stream.on("data", (message: Answer) => messages.push(message));
    stream.on("error", (error: ServiceError) => resolve({ messages, error }));
    stream.on("end", () => setImmediate(() => resolve({ messages, error: undefined })));
  });
}

/** Metadata with what must not be seen anywhere. */
function secretMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer secret");
  return metadata;
}

/** A call that the server does not end. */
export interface Hanging {
  readonly call: { cancel(): void };
  readonly ended: Promise<Ending>;
}

/** Begins a call that the server does not end. */
export function hang(client: UsersClient, kind: string, options: CallOptions = {}): Hanging {
  if (kind === LIST) {
    const call = client.list({ hang: true }, options);
    return { call, ended: endOf(call) };
  }
  if (kind === CHAT) {
    const call = client.chat(options);
    call.write({ hang: true });
    return { call, ended: endOf(call) };
  }
  let call: Hanging["call"] | undefined;
  const cancel = (): void => call?.cancel();
  if (kind === GET) {
    const ended = client.get({ hang: true }, options, (made) => call = made);
    return { call: { cancel }, ended };
  }
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  const stream = client.put((error) => {
    resolve({ messages: [], error: error ?? undefined });
  }, options);
  stream.write({ hang: true });
  call = stream;
  return { call: { cancel }, ended };
}
