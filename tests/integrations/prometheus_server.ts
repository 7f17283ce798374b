import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryRequest, provideBinary } from "../servers/debian_package.ts";
import { freePort } from "../servers/free_port.ts";
import { ServerProcess } from "../servers/server_process.ts";

/** The program that scrapes. */
export const PROMETHEUS: BinaryRequest = { package: "prometheus", binary: "prometheus" };
/** The program that checks what is scraped. */
export const PROMTOOL: BinaryRequest = { package: "prometheus", binary: "promtool" };

const POLL_MS = 100;
const DEADLINE_MS = 15_000;

/** A series as Prometheus keeps it. */
export interface KeptSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

/** A real Prometheus on loopback that scrapes one address ten times a second. */
export class PrometheusServer implements AsyncDisposable {
  readonly #url: string;
  readonly #folder: string;
  readonly #process: ServerProcess;

  private constructor(url: string, folder: string, process: ServerProcess) {
    this.#url = url;
    this.#folder = folder;
    this.#process = process;
  }

  /** Starts it; `target` is `host:port`, where `/metrics` is served. */
  static async start(target: string): Promise<PrometheusServer> {
    const binary = await provideBinary(PROMETHEUS);
    if (!binary.available) throw new Error(binary.reason);
    const folder = await mkdtemp(join(tmpdir(), "switchgear-prometheus-"));
    const config = join(folder, "prometheus.json"); // JSON is YAML
    const job = {
      job_name: "test",
      scrape_interval: "100ms",
      static_configs: [{ targets: [target] }],
    };
    await writeFile(
      config,
      JSON.stringify({ scrape_configs: [{ ...job, scrape_timeout: "100ms" }] }),
    );
    const address = `127.0.0.1:${freePort()}`;
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
    ];
    const process = new ServerProcess({ path: binary.path, args, env: binary.env });
    return new PrometheusServer(`http://${address}`, folder, process);
  }

  /** What it answers to a query, as soon as that is anything; asked again and again, because it says nothing when it has scraped. */
  async query(query: string): Promise<readonly KeptSeries[]> {
    const deadline = performance.now() + DEADLINE_MS;
    while (performance.now() < deadline && this.#process.running) {
      const url = `${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`;
      const response = await fetch(url).catch(() => undefined);
      if (response?.ok) {
        const answer: { data: { result: readonly KeptSeries[] } } = await response.json();
        if (answer.data.result.length > 0) return answer.data.result;
      } else await response?.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`Prometheus has nothing for ${query}: ${this.#process.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What promtool says of a text: nothing, if it is right. */
export async function checkMetrics(text: string): Promise<string> {
  const binary = await provideBinary(PROMTOOL);
  if (!binary.available) throw new Error(binary.reason);
  await using child = new Deno.Command(binary.path, {
    args: ["check", "metrics"],
    env: { ...binary.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Blob([text]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return code === 0 ? said : `status ${code}: ${said}`;
}
