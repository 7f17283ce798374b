import type { AddressInfo } from "node:net";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { create, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { fileDesc, type GenService, serviceDesc } from "npm:@bufbuild/protobuf@2.17.0/codegenv2";
import {
  file_google_protobuf_wrappers,
  FileDescriptorProtoSchema,
  type Int32ValueSchema,
  type StringValueSchema,
} from "npm:@bufbuild/protobuf@2.17.0/wkt";
import { base64Encode } from "npm:@bufbuild/protobuf@2.17.0/wire";
import {
  type CallOptions,
  type Client,
  ConnectError,
  createClient,
  type HandlerContext,
  type Interceptor,
} from "npm:@connectrpc/connect@2.2.0";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from "npm:@connectrpc/connect-node@2.2.0";

/** Full names of the methods. */
export const GET = "/im.Users/Get";
export const LIST = "/im.Users/List";
export const PUT = "/im.Users/Put";
export const CHAT = "/im.Users/Chat";

/** What a caller asks of the server: so many messages, and then a code or silence. */
export interface Ask {
  /** Messages to send before the call ends. @default 1 */
  readonly count?: number;
  /** The code to end with. @default 0 */
  readonly code?: number;
  /** Do not end at all. @default false */
  readonly hang?: boolean;
}

const VALUE = [".google.protobuf.StringValue", ".google.protobuf.Int32Value"] as const;

function method(name: string, clientStreaming: boolean, serverStreaming: boolean) {
  const [inputType, outputType] = VALUE;
  return { name, inputType, outputType, clientStreaming, serverStreaming };
}

const FILE = create(FileDescriptorProtoSchema, {
  name: "im/users.proto",
  package: "im",
  syntax: "proto3",
  dependency: ["google/protobuf/wrappers.proto"],
  service: [{
    name: "Users",
    method: [
      method("Get", false, false),
      method("List", false, true),
      method("Put", true, false),
      method("Chat", true, true),
    ],
  }],
});

type Kind<K> = {
  methodKind: K;
  input: typeof StringValueSchema;
  output: typeof Int32ValueSchema;
};

const Users: GenService<{
  get: Kind<"unary">;
  list: Kind<"server_streaming">;
  put: Kind<"client_streaming">;
  chat: Kind<"bidi_streaming">;
}> = serviceDesc(
  fileDesc(base64Encode(toBinary(FileDescriptorProtoSchema, FILE)), [
    file_google_protobuf_wrappers,
  ]),
  0,
);

/** A real Connect server on loopback, which speaks Connect and gRPC over HTTP/2 and does as it is asked. */
export class UsersServer implements AsyncDisposable {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Calls that have reached it. */
  calls = 0;
  /** Calls that it knows to be cancelled. */
  cancelled = 0;
  port = 0;

  private constructor() {
    this.#server = createServer(connectNodeAdapter({
      routes: (router) =>
        void router.service(Users, {
          get: async ({ value }, context) => {
            this.#begin(context);
            await obey(read(value), context);
            return { value: 1 };
          },
          list: async function* (
            this: UsersServer,
            { value }: { value: string },
            context: HandlerContext,
          ) {
            this.#begin(context);
            const ask = read(value);
            for (let sent = 1; sent <= (ask.count ?? 1); sent++) yield { value: sent };
            await obey(ask, context);
          }.bind(this),
          put: async (asks, context) => {
            this.#begin(context);
            let value = 0;
            for await (const ask of asks) {
              value++;
              await obey(read(ask.value), context);
            }
            return { value };
          },
          chat: async function* (
            this: UsersServer,
            asks: AsyncIterable<{ value: string }>,
            context: HandlerContext,
          ) {
            this.#begin(context);
            for await (const ask of asks) {
              await obey(read(ask.value), context);
              yield { value: 1 };
            }
          }.bind(this),
        }),
    }));
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("error", () => {}); // cut off under a call
      session.on("close", () => this.#sessions.delete(session));
    });
  }

  static async start(): Promise<UsersServer> {
    const server = new UsersServer();
    await new Promise<void>((done) => server.#server.listen(0, "127.0.0.1", done));
    const address: AddressInfo | string | null = server.#server.address();
    if (typeof address === "object" && address !== null) server.port = address.port;
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  #begin({ signal }: HandlerContext): void {
    this.calls++;
    signal.addEventListener("abort", () => this.cancelled++);
  }
}

function read(value: string): Ask {
  return JSON.parse(value);
}

async function obey({ code = 0, hang }: Ask, { signal }: HandlerContext): Promise<void> {
  if (hang) await new Promise((_, reject) => signal.addEventListener("abort", reject));
  if (code !== 0) throw new ConnectError(`asked for ${code}`, code);
}

/** How a client speaks. */
export type Protocol = "connect" | "grpc";

/** What the end of a call looks like to its caller. */
export interface Ending {
  readonly messages: readonly number[];
  readonly error: ConnectError | undefined;
}

/** A client of the server, behind interceptors. */
export class UsersClient implements AsyncDisposable {
  readonly users: Client<typeof Users>;
  readonly #sessions: Http2SessionManager;

  constructor(port: number, protocol: Protocol, ...interceptors: Interceptor[]) {
    const baseUrl = `http://127.0.0.1:${port}`;
    this.#sessions = new Http2SessionManager(baseUrl);
    const options = { baseUrl, interceptors, sessionManager: this.#sessions };
    this.users = createClient(
      Users,
      protocol === "grpc"
        ? createGrpcTransport(options)
        : createConnectTransport({ ...options, httpVersion: "2" }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A stream that closes after its session starts a timer of connect-node's for idle sessions.
    await new Promise((resolve) => setTimeout(resolve, 10));
    this.#sessions.abort();
  }

  /** Makes one call of the kind that `path` names, with one message each way, to its end. */
  async call(path: string, ask: Ask, options: CallOptions = {}): Promise<Ending> {
    const messages: number[] = [];
    try {
      for await (const { value } of this.#answers(path, ask, options)) messages.push(value);
      return { messages, error: undefined };
    } catch (error) {
      return { messages, error: ConnectError.from(error) };
    }
  }

  async *#answers(
    path: string,
    ask: Ask,
    options: CallOptions,
  ): AsyncGenerator<{ value: number }> {
    const value = JSON.stringify(ask);
    if (path === GET) yield await this.users.get({ value }, options);
    else if (path === PUT) yield await this.users.put(once({ value }), options);
    else if (path === LIST) yield* this.users.list({ value }, options);
    else yield* this.users.chat(once({ value }), options);
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value);
}
