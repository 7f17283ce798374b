import { readFileSync } from "node:fs";
import { PortReservations } from "./port_reservations.ts";

const LOOPBACK = "127.0.0.1";
const SPAN = 12_000;
const handedOut = new Set<number>();
const reservations = new PortReservations();

/**
 * Loopback ports that are free now, and handed out to nobody else for as long as a test takes.
 *
 * They lie below the ports that the system gives to outgoing connections: a server that is down for
 * a while must find its port free when it comes back, and a client that keeps dialling a closed port
 * from that range sooner or later connects to itself.
 *
 * @throws {Error} Where so many cannot be found
 */
export function freePorts(count: number): number[] {
  const end = firstOutgoingPort();
  const listeners: Deno.TcpListener[] = [];
  try {
    for (let attempt = 0; listeners.length < count && attempt < 200; attempt++) {
      const port = end - 1 - Math.floor(Math.random() * SPAN);
      if (handedOut.has(port)) continue;
      const listener = listenOn(port);
      if (listener === undefined) continue;
      handedOut.add(port);
      if (reservations.take(port)) listeners.push(listener);
      else listener.close();
    }
    if (listeners.length < count) throw new Error(`Cannot find ${count} free ports below ${end}`);
    return listeners.map((listener) => listener.addr.port);
  } finally {
    // Held until all are found, so that none is found twice.
    for (const listener of listeners) listener.close();
  }
}

/** One port as of {@linkcode freePorts}. */
export function freePort(): number {
  const [port] = freePorts(1);
  if (port === undefined) throw new Error("Cannot find a free port");
  return port;
}

function listenOn(port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname: LOOPBACK, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/** Where the range of outgoing ports begins, or Linux's default where that leaves too little room. */
function firstOutgoingPort(): number {
  const usual = 32_768;
  try {
    const first = parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
    return first >= SPAN + 2_000 ? first : usual;
  } catch {
    return usual;
  }
}
