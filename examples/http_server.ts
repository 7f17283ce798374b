/**
 * A real HTTP server behind a rate limit per user, a bulkhead and a health endpoint: what is too
 * much is refused with 429 or 503, and open breakers are reported.
 *
 * Run it from a clone: `deno run -A examples/http_server.ts`. It takes about 1 s.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage.
 */
import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient } from "../integrations/fetch/mod.ts";
import { bulkhead, compose, health, rateLimit } from "../integrations/http_server/mod.ts";
import { startExample } from "./start_example.ts";

await startExample("http_server", show);

/** Tells the story, and gives 0 if all went as it must. */
async function show(): Promise<number> {
  const http = createHttpClient();
  const guard = compose(
    health(http, { degradedStatus: 503, cacheFor: 0 }),
    // This program plays the proxy that names the users.
    rateLimit({ rate: 0.5, burst: 3, trustedProxies: ["127.0.0.1"] }),
    bulkhead({ maxConcurrent: 2, retryAfter: "5s" }),
  );
  const answer = async (): Promise<Response> => {
    await pause(100);
    return new Response("served");
  };
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(options, (request, info) => guard(request, answer, info));
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const seen: number[] = [];
  const get = async (path: string, user: string): Promise<void> => {
    const response = await fetch(origin + path, { headers: { "X-User-ID": user } });
    const text = (await response.text()).trim();
    console.log(`    ${user}: ${response.status} ${text}${headersOf(response)}`);
    seen.push(response.status);
  };

  console.log("A user may make 3 requests at once, and one every 2 s:");
  for (let i = 0; i < 4; i++) await get("/", "ann");
  console.log("Another user has a limit of their own:");
  await get("/", "bob");
  console.log("Two requests are answered at once, and no more:");
  await Promise.all(["carol", "dave", "erin"].map((user) => get("/", user)));
  console.log("A breaker opens, and the health endpoint says so:");
  await get("/health", "probe");
  http.getBreaker("https://payments.example").override("forced-open");
  await get("/health", "probe");
  await server.shutdown();

  const expected = "200,200,200,429,200,503,200,200,200,503";
  const passed = String(seen) === expected;
  console.log(passed ? "All as it must be." : `Not as it must be: ${seen}, not ${expected}`);
  return passed ? 0 : 1;
}

function headersOf({ headers }: Response): string {
  const shown = ["RateLimit", "Retry-After"].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  return shown.length === 0 ? "" : ` [${shown.join(", ")}]`;
}
