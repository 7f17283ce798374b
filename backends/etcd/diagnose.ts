import type { Finding } from "../../src/provider/backend.ts";
import { EtcdCallError, STATUS } from "../../etcd/call_error.ts";
import type { EtcdHost } from "../../etcd/host.ts";
import { list, readHeader, text } from "../../etcd/messages.ts";
import type { EtcdSettings } from "../../etcd/options.ts";
import { type EtcdSession, openSession } from "../../etcd/session.ts";
import type { KeySpace } from "./keys.ts";

/** A slower answer is worth a look, in milliseconds. */
const SLOW_MS = 500;

/** What {@linkcode diagnose} takes. */
export interface DiagnoseOptions {
  readonly settings: EtcdSettings;
  readonly keys: KeySpace;
  /** What the documents stand under, for people. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** What was found at one host. */
interface HostReport {
  readonly findings: readonly Finding[];
  readonly clusterId: string | undefined;
}

/** Looks at every host in turn, and whether they are one cluster. */
export async function diagnose(options: DiagnoseOptions): Promise<readonly Finding[]> {
  const reports: HostReport[] = [];
  for (const host of options.settings.hosts) reports.push(await examine(host, options));
  const findings = reports.flatMap((report) => report.findings);
  const ids = new Set(reports.flatMap(({ clusterId }) => clusterId ?? []));
  if (reports.length > 1 && ids.size > 0) {
    findings.push(
      ids.size === 1
        ? { subject: "cluster", verdict: "ok", detail: `all that answer are cluster ${[...ids]}` }
        : {
          subject: "cluster",
          verdict: "fail",
          detail: `the hosts belong to ${ids.size} clusters: ${[...ids].join(", ")}`,
        },
    );
  }
  return findings;
}

async function examine(host: EtcdHost, options: DiagnoseOptions): Promise<HostReport> {
  const { settings, signal } = options;
  const findings: Finding[] = [];
  let clusterId: string | undefined;
  const note = async (
    subject: string,
    look: () => Promise<Omit<Finding, "subject">>,
  ): Promise<void> => {
    try {
      findings.push({ subject: `${subject} at ${host.url}`, ...await look() });
    } catch (error) {
      signal.throwIfAborted();
      const detail = error instanceof Error ? error.message : String(error);
      findings.push({ subject: `${subject} at ${host.url}`, verdict: "fail", detail });
    }
  };
  let session: EtcdSession | undefined;
  try {
    await note("endpoint", async () => {
      session = await openSession({ settings, host, signal });
      const reading = await readingOf(session, options);
      clusterId = reading.clusterId;
      return reading.finding;
    });
    const open = session;
    if (open === undefined) return { findings, clusterId };
    if (clusterId === undefined) {
      // A member that answers for itself alone can say why.
      const status = await statusOf(open).catch(() => undefined);
      if (status) findings.push({ subject: `status at ${host.url}`, ...status });
    } else {
      await note("status", () => statusOf(open));
      await note("alarms", () => alarmsOf(open));
      await note("permission to write", () => writingOf(open, options));
    }
  } finally {
    await session?.[Symbol.asyncDispose]();
  }
  return { findings, clusterId };
}

/** A read by quorum: the endpoint lives, there is a leader, we may read. */
async function readingOf(
  session: EtcdSession,
  { keys, prefix }: DiagnoseOptions,
): Promise<{ readonly clusterId: string; readonly finding: Omit<Finding, "subject"> }> {
  const startedMs = performance.now();
  const { header, count } = await session.range({ ...keys.range, newestKeyOnly: true });
  const tookMs = performance.now() - startedMs;
  return {
    clusterId: header.clusterId,
    finding: {
      verdict: tookMs > SLOW_MS ? "warn" : "ok",
      detail: `a read of ${prefix} by quorum took ${tookMs.toFixed(0)} ms: ` +
        `${count} key(s), revision ${header.revision}, cluster ${header.clusterId}`,
    },
  };
}

async function statusOf(session: EtcdSession): Promise<Omit<Finding, "subject">> {
  const status = await session.call("Maintenance/status", {});
  const { memberId } = readHeader(status);
  const [version, leader] = [text(status["version"]), text(status["leader"])];
  const size = (Number(status["dbSize"] ?? 0) / 2 ** 20).toFixed(1);
  const errors = Array.isArray(status["errors"]) ? status["errors"].map(String) : [];
  if (leader === "" || leader === "0") {
    return { verdict: "fail", detail: `etcd ${version} has no leader: the quorum is lost` };
  }
  const role = leader === memberId ? "the leader" : "a follower";
  const detail = `etcd ${version}, ${role}, database ${size} MiB, raft term ${
    text(status["raftTerm"])
  }`;
  return errors.length > 0
    ? { verdict: "warn", detail: `${detail}; it reports ${errors.join(", ")}` }
    : { verdict: "ok", detail };
}

async function alarmsOf(session: EtcdSession): Promise<Omit<Finding, "subject">> {
  let answer;
  try {
    answer = await session.call("Maintenance/alarm", {});
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { verdict: "ok", detail: "not known: this user may not ask" };
  }
  const alarms = list(answer["alarms"]).map((alarm) => text(alarm["alarm"]).toUpperCase());
  return alarms.length === 0
    ? { verdict: "ok", detail: "none" }
    : { verdict: "fail", detail: `${alarms.join(", ")}: etcd refuses writes until it is disarmed` };
}

/** Asks for a write that cannot happen, because it compares with a revision that no key has. */
async function writingOf(
  session: EtcdSession,
  { keys, prefix }: DiagnoseOptions,
): Promise<Omit<Finding, "subject">> {
  const key = keys.writeMark;
  try {
    await session.txn({
      key,
      modRevision: Number.MAX_SAFE_INTEGER,
      success: [{ kind: "put", key, value: new Uint8Array() }],
      failure: [],
    });
    return { verdict: "ok", detail: `this user may write under ${prefix}` };
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { verdict: "ok", detail: `read only: this user may not write under ${prefix}` };
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof EtcdCallError && error.status === STATUS.permissionDenied;
}
