import { columns } from "./columns.ts";
import type { Command } from "./command.ts";
import { diagnoseStore, type Verdict } from "./doctor/diagnose_store.ts";
import { counted } from "./fault_lines.ts";
import type { Hue } from "./paint.ts";
import { printable } from "./printable.ts";
import type { OpenStore } from "./store/policy_store.ts";
import { type StoreAction, storeCommand } from "./store/store_command.ts";
import { withoutSecrets } from "./store/without_secrets.ts";

const HUES: Readonly<Record<Verdict, Hue>> = { ok: "green", warn: "yellow", fail: "red" };
const STATUSES = { healthy: 0, troubled: 1, unreachable: 2 } as const;

const DOCTOR: StoreAction = {
  name: "doctor",
  summary: "look at the backend and at everything of ours in it, for whoever is on call",
  operands: "",
  arity: [0, 0],
  details: [
    "Of etcd: each member's health, version, leader and alarms, whether there is a quorum, and what",
    "this user may do. Of a folder: whether it can be read and written, watched or only polled. Of",
    "both: how long a watch takes to its first state, which policies are refused and why, and",
    "what in the others can never act. ok works, warn should be seen to, fail does not work.",
    "",
    "Exit status 1 also where anything is found that does not work.",
  ],
  run: async ({ store, paint }) => {
    const { findings, condition } = await diagnoseStore(store);
    const shown = findings.map(({ subject, verdict, detail }) => ({
      verdict,
      subject: withoutSecrets(subject, store.secrets),
      detail: withoutSecrets(detail, store.secrets),
    }));
    const count = (verdict: Verdict): number =>
      findings.filter((finding) => finding.verdict === verdict).length;
    const counts = { ok: count("ok"), warn: count("warn"), fail: count("fail") };
    const { backend, prefix } = store;
    return {
      value: { backend: backend.description, prefix, condition, findings: shown, counts },
      lines: [
        ...columns(shown.map(({ verdict, subject, detail }) => [
          paint(HUES[verdict], verdict),
          printable(subject),
          printable(detail).replaceAll(/\s*\n\s*/g, " "),
        ])),
        "",
        `${condition}: ${counted(counts.fail, "failure")}, ${counted(counts.warn, "warning")}`,
      ],
      status: STATUSES[condition],
    };
  },
};

/** `switchgear doctor` on the store that `open` opens. */
export function doctorCommand(open: OpenStore): Command {
  return storeCommand(DOCTOR, open);
}
