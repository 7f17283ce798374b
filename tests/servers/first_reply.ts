import { LOOPBACK } from "./local_server.ts";

/**
 * What a server on loopback answers first on a new connection.
 *
 * @param port Where it listens
 * @param request What is sent to it
 * @returns 64 bytes at most; empty where it does not answer
 */
export async function firstReply(port: number, request: Uint8Array): Promise<string> {
  try {
    using connection = await Deno.connect({ hostname: LOOPBACK, port });
    await connection.write(request);
    const reply = new Uint8Array(64);
    const length = await connection.read(reply) ?? 0;
    return new TextDecoder().decode(reply.subarray(0, length));
  } catch {
    return "";
  }
}
