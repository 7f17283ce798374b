/** Reads a body of 100 MB through a client, and prints how that went: memory is that of a process. */
import { createHttpClient } from "../../integrations/fetch/http_client.ts";

/** What is printed, as JSON. */
export interface StreamReport {
  /** How long the body was. */
  readonly bytes: number;
  /** How much memory the process had taken at most since the body began. */
  readonly mostBytes: number;
  /** The calls that the client's breaker saw succeed. */
  readonly successes: number;
}

const BODY_BYTES = 100 * 2 ** 20;
const chunk = new Uint8Array(64 * 2 ** 10);

function streamBody(): Response {
  let left = BODY_BYTES / chunk.length;
  return new Response(
    new ReadableStream({
      pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
    }),
  );
}

async function readThrough(origin: string): Promise<StreamReport> {
  const http = createHttpClient({ until: "body" });
  const response = await http(origin);
  let bytes = 0;
  let mostBytes = 0;
  const { rss } = Deno.memoryUsage();
  for await (const part of response.body ?? []) {
    bytes += part.length;
    mostBytes = Math.max(mostBytes, Deno.memoryUsage().rss - rss);
  }
  return { bytes, mostBytes, successes: http.getBreaker(origin).counts.successes };
}

const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
await using server = Deno.serve(options, streamBody);
console.log(JSON.stringify(await readThrough(`http://127.0.0.1:${server.addr.port}`)));
