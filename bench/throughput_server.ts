/** The service that `throughput.ts` calls: answers at once, and prints its port as its first line. */
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, () => new Response("ok"));
await server.finished;
