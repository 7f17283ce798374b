/**
 * A real HTTP server that hangs, answers 503 with Retry-After and recovers, under a client made in
 * one line: calls time out, are refused at once, for as long as the server asked, and go through again.
 *
 * Run it from a clone: `deno run -A examples/fetch.ts`. It takes about 3 s.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage.
 */
import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient } from "../integrations/fetch/mod.ts";
import { BreakerOpenError, BreakerTimeoutError } from "../mod.ts";
import { startExample } from "./start_example.ts";

type Mood = "up" | "hangs" | "overloaded";

await startExample("fetch", show);

/** Tells the story, and gives 0 if all went as it must. */
async function show(): Promise<number> {
  let mood: Mood = "up";
  let requests = 0;
  const stop = new AbortController();
  const { signal } = stop;
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {}, signal };
  const server = Deno.serve(options, () => {
    requests++;
    return answerOf(mood);
  });
  const url = `http://127.0.0.1:${server.addr.port}/items/7`;
  // Shorter times than the client's own, so that the story is short.
  const http = createHttpClient({
    policy: {
      timeout: "200ms",
      failureThreshold: 3,
      successThreshold: 1,
      openStateTimeout: "500ms",
    },
  });
  const seen: string[] = [];
  const call = async (): Promise<void> => {
    const startedMs = performance.now();
    const [kind, said] = await outcomeOf(http(url));
    console.log(`    ${(performance.now() - startedMs).toFixed(1)} ms: ${said}`);
    seen.push(kind);
  };

  console.log("The server is up:");
  await call();
  console.log("It accepts connections, and never answers:");
  mood = "hangs";
  for (let i = 0; i < 4; i++) await call();
  console.log("The open time is over; the probe gets 503 and Retry-After, 2 s:");
  mood = "overloaded";
  await pause(500);
  await call();
  mood = "up";
  console.log("The open time is over once more; the server's time is not, so nothing is sent:");
  await pause(600);
  await call();
  console.log("The server's time is over, too:");
  await pause(1_500);
  await call();
  stop.abort(); // not a shutdown, which would wait for the answers that never come
  await server.finished;

  const expected = "answered,timeout,timeout,timeout,refused,failed,refused,answered";
  const passed = String(seen) === expected && requests === 6;
  console.log(passed ? "All as it must be." : `Not as it must be: ${seen}, ${requests} requests`);
  return passed ? 0 : 1;
}

function answerOf(mood: Mood): Response | Promise<Response> {
  if (mood === "hangs") return new Promise(() => {});
  if (mood === "up") return new Response("in stock");
  return new Response("too busy", { status: 503, headers: { "Retry-After": "2" } });
}

/** What became of a call, in a word and in words. */
async function outcomeOf(call: Promise<Response>): Promise<readonly [string, string]> {
  try {
    const response = await call;
    const said = `${response.status} ${await response.text()}`;
    return [response.ok ? "answered" : "failed", said];
  } catch (error) {
    if (error instanceof BreakerTimeoutError) return ["timeout", error.message];
    if (!(error instanceof BreakerOpenError)) return ["error", String(error)];
    return ["refused", `${error.message} [try again in ${error.retryAfterMs} ms]`];
  }
}
