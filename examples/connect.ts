/**
 * A real Connect server whose database goes down and comes back, under a client of connect-es:
 * calls fail slowly, then are refused at once, then go through again.
 *
 * Run it from a clone: `deno run -A examples/connect.ts`. It takes about 1 s.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage.
 */
import { createServer, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileDesc, type GenService, serviceDesc } from "npm:@bufbuild/protobuf@2.17.0/codegenv2";
import {
  file_google_protobuf_wrappers,
  type StringValueSchema,
} from "npm:@bufbuild/protobuf@2.17.0/wkt";
import { type Client, Code, ConnectError, createClient } from "npm:@connectrpc/connect@2.2.0";
import { connectNodeAdapter, createConnectTransport } from "npm:@connectrpc/connect-node@2.2.0";
import { memoryBackend } from "../backends/memory.ts";
import { breakerInterceptor } from "../integrations/connect/mod.ts";
import { BreakerOpenError, createProvider, getDefaultConfig } from "../mod.ts";
import { startExample } from "./start_example.ts";

const GET_USER = "/im.Users/Get";
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What `protoc-gen-es` makes of `service Users { rpc Get(StringValue) returns (StringValue); }`. */
const Users: GenService<{
  get: { methodKind: "unary"; input: typeof StringValueSchema; output: typeof StringValueSchema };
}> = serviceDesc(
  fileDesc(
    "Cg5pbS91c2Vycy5wcm90bxICaW0aHmdvb2dsZS9wcm90b2J1Zi93cmFwcGVycy5wcm90bzJKCgVVc2VycxJBCgNHZXQS" +
      "HC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUaHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWViBnByb3RvMw",
    [file_google_protobuf_wrappers],
  ),
  0,
);

await startExample("connect", show);

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

  const database = { isUp: true, queries: 0 };
  const { server, baseUrl } = await serve(database);
  const interceptors = [breakerInterceptor(provider)];
  const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors });
  const users = createClient(Users, transport);
  const seen: string[] = [];
  try {
    console.log("The server answers:");
    seen.push(await getUser(users));

    console.log("Its database goes down, and it takes 200 ms to say so:");
    database.isUp = false;
    for (let i = 0; i < 5; i++) seen.push(await getUser(users));

    console.log("It comes back, and the breaker lets a probe through once its open time is over:");
    database.isUp = true;
    for (let i = 0; i < 30 && !breaker.peek().admitted; i++) await pause(100);
    seen.push(await getUser(users), await getUser(users));
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  const expected = ["OK", "failed", "failed", "failed", "refused", "refused", "OK", "OK"];
  const passed = String(seen) === String(expected) && database.queries === 6;
  console.log(`${database.queries} of ${seen.length} calls reached the server.`);
  console.log(passed ? "All as it must be." : `Not as it must be: ${seen}, not ${expected}`);
  return passed ? 0 : 1;
}

/** Starts a server on loopback that needs its database for every answer. */
async function serve(database: Database): Promise<{ server: Server; baseUrl: string }> {
  const server = createServer(connectNodeAdapter({
    routes: (router) =>
      void router.service(Users, {
        get: async ({ value }) => {
          database.queries++;
          if (database.isUp) return { value: `user ${value}` };
          await pause(200);
          throw new ConnectError("no database", Code.Unavailable);
        },
      }),
  }));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return { server, baseUrl: `http://127.0.0.1:${address.port}` };
}

interface Database {
  isUp: boolean;
  queries: number;
}

/** Makes one call, and says what became of it: the cause of a refusal is the breaker's error. */
async function getUser(users: Client<typeof Users>): Promise<"OK" | "failed" | "refused"> {
  const startedMs = performance.now();
  const say = (text: string): void => {
    console.log(`    ${(performance.now() - startedMs).toFixed(1)} ms: ${text}`);
  };
  try {
    const { value } = await users.get({ value: "7" }, { timeoutMs: 2_000 });
    say(value);
    return "OK";
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const isRefused = error.cause instanceof BreakerOpenError;
    const pushback = error.metadata.get("grpc-retry-pushback-ms");
    say(isRefused ? `${error.message} [try again in ${pushback} ms]` : error.message);
    return isRefused ? "refused" : "failed";
  }
}
