/**
 * A real gRPC server that goes down under a client with `@grpc/grpc-js`, and comes back: calls
 * fail, then are refused at once, then go through again, and an operator steers it all live.
 *
 * Run it from a clone: `deno run -A examples/grpc.ts`. It takes about 1 s.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage.
 */
import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "npm:@grpc/grpc-js@1.14.7";
import { memoryBackend } from "../backends/memory.ts";
import { breakerInterceptor } from "../integrations/grpc/mod.ts";
import { createProvider, getDefaultConfig } from "../mod.ts";
import { startExample } from "./start_example.ts";

const GET_USER = "/im.Users/Get";
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

await startExample("grpc", show);

/** Tells the story, and gives 0 if all went as it must. */
async function show(): Promise<number> {
  const backend = memoryBackend({
    [GET_USER]: { failureThreshold: 3, successThreshold: 1, openStateTimeout: "500ms" },
  });
  const config = getDefaultConfig("im-gateway", "development");
  await using provider = await createProvider(config, { backend, logger: QUIET });
  const breaker = provider.getBreaker(GET_USER);
  provider.on("stateChange", ({ from, to, cause }) => {
    console.log(`    breaker ${GET_USER}: ${from} -> ${to} (${cause})`);
  });

  let { server, port } = await serve(0);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    interceptors: [breakerInterceptor(provider)],
    "grpc.initial_reconnect_backoff_ms": 100, // so that the story is short
  });
  const seen: string[] = [];
  try {
    console.log("The server is up:");
    seen.push(await getUser(client));

    console.log("The server goes down:");
    server.forceShutdown();
    for (let i = 0; i < 5; i++) seen.push(await getUser(client));

    console.log("It comes back, and the breaker lets a probe through once its open time is over:");
    ({ server, port } = await serve(port));
    for (let i = 0; i < 30 && breaker.state !== "closed"; i++) {
      await pause(100);
      if (breaker.peek().admitted) await getUser(client);
    }
    seen.push(await getUser(client));

    console.log("An operator takes the method out of service, in the config backend:");
    backend.set(config.policiesPath, GET_USER, { mode: "forced-open" });
    await pause(50);
    seen.push(await getUser(client));
  } finally {
    client.close();
    server.forceShutdown();
  }
  const expected = ["OK", "failed", "failed", "failed", "refused", "refused", "OK", "refused"];
  const passed = String(seen) === String(expected);
  console.log(passed ? "All as it must be." : `Not as it must be: ${seen}, not ${expected}`);
  return passed ? 0 : 1;
}

/** Starts a server on loopback. */
async function serve(port: number): Promise<{ server: Server; port: number }> {
  const server = new Server();
  const serialize = Buffer.from;
  const deserialize = String;
  const path = GET_USER;
  const plain = { requestStream: false, responseStream: false } as const;
  server.addService({
    get: {
      path,
      ...plain,
      requestSerialize: serialize,
      requestDeserialize: deserialize,
      responseSerialize: serialize,
      responseDeserialize: deserialize,
    },
  }, { get: (call: { request: string }, done: Answer) => done(null, `user ${call.request}`) });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });
  return { server, port: bound };
}

type Answer = (error: ServiceError | null, user?: string) => void;

/** Makes one call, and says what became of it: the breaker's own refusals carry a pushback. */
function getUser(client: Client): Promise<"OK" | "failed" | "refused"> {
  const startedMs = performance.now();
  const options = { deadline: Date.now() + 2_000 };
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, user?: string): void => {
      const pushback = error?.metadata.get("grpc-retry-pushback-ms")[0];
      const took = `${(performance.now() - startedMs).toFixed(1)} ms`;
      const said = error === null ? user : `${status[error.code]}: ${error.details}`;
      const wait = pushback === undefined ? "" : ` [try again in ${pushback} ms]`;
      console.log(`    ${took}: ${said}${wait}`);
      resolve(error === null ? "OK" : pushback === undefined ? "failed" : "refused");
    };
    client.makeUnaryRequest(
      GET_USER,
      (text: string) => Buffer.from(text),
      String,
      "7",
      options,
      done,
    );
  });
}
