import assert from "node:assert/strict";
import type { ChromiumPage } from "../servers/chromium_page.ts";
import { CHROMIUM, Chromium } from "../servers/chromium.ts";
import { provideBinary } from "../servers/debian_package.ts";
import { isRecord } from "../servers/dev_tools.ts";
import { BROWSER_ENTRY_POINTS, bundle, BUNDLER_VERSION, stopBundler } from "./browser_bundle.ts";
import { checkEnds, checkPages } from "./browser_itself.ts";
import { BrowserSite, type Delivery } from "./browser_site.ts";
import { Checklist } from "./checklist.ts";
import type { PageReport } from "./browser_page.ts";
import {
  type Platform,
  PlatformMissingError,
  type PlatformRun,
  type PlatformTotals,
} from "./platform.ts";

const REPORT_DEADLINE_MS = 60_000;
const NAMES: Record<Delivery, string> = {
  modules: "Chromium, module by module",
  bundle: "Chromium, bundled and minified",
};

/** Debian's Chromium: cases and behaviours in a page, which gets the package in two ways. */
export const BROWSER: Platform = {
  id: "browser",
  about: "a page in Debian's Chromium, from modules and from a minified bundle",
  run,
};

async function run({ print }: PlatformRun): Promise<PlatformTotals[]> {
  const binary = await provideBinary(CHROMIUM, { report: print });
  if (!binary.available) throw new PlatformMissingError(binary.reason);
  const totals: PlatformTotals[] = [];
  const itself = new Checklist("Chromium itself", print);
  try {
    totals.push(await checkBundles(print));
    const browser = await Chromium.start();
    try {
      await checkPages(itself, browser);
      await using site = await BrowserSite.serve();
      for (const delivery of ["modules", "bundle"] as const) {
        print(`${NAMES[delivery]}: running cases and checks …`);
        const checks = new Checklist(NAMES[delivery], print);
        await checkDelivery(checks, { browser, site, delivery, print });
        totals.push(checks.totals(NAMES[delivery], browser.version));
      }
    } finally {
      await browser[Symbol.asyncDispose]();
    }
    await checkEnds(itself, browser);
    totals.push(itself.totals("Chromium itself", browser.version));
  } finally {
    await stopBundler();
  }
  return totals;
}

/** Each entry point that claims a browser can be bundled for one, and how large it gets. */
async function checkBundles(print: (line: string) => void): Promise<PlatformTotals> {
  const checks = new Checklist("bundle", print);
  for (const path of BROWSER_ENTRY_POINTS) {
    await checks.check(`${path} needs nothing that a browser has not`, async () => {
      const name = `@switchgear/breaker${path.slice(1)}`;
      const { minified, gzipped } = await bundle(`export * from "${name}";`);
      print(`bundle: ${name}: ${kilobytes(minified)} minified, ${kilobytes(gzipped)} gzipped`);
    });
  }
  await checks.check("./file needs what a browser has not, and is refused", async () => {
    await assert.rejects(
      bundle('export * from "@switchgear/breaker/file";'),
      /a browser has no node:/,
    );
  });
  await checks.check("createBreaker alone is a fraction of the whole", async () => {
    const alone = 'export { createBreaker } from "@switchgear/breaker";';
    const whole = await bundle('export * from "@switchgear/breaker";');
    for (const sideEffectFree of [false, true]) {
      const { minified, gzipped } = await bundle(alone, { sideEffectFree });
      const how = sideEffectFree ? " where the bundler is told of no side effects" : "";
      print(
        `bundle: createBreaker${how}: ${kilobytes(minified)} minified, ${
          kilobytes(gzipped)
        } gzipped`,
      );
      // A bundler that is not told keeps each class that has a static block, such as the provider.
      const most = sideEffectFree ? 0.5 : 0.7;
      assert(gzipped < whole.gzipped * most, `${gzipped} of ${whole.gzipped} bytes`);
    }
  });
  return checks.totals("Bundles for browsers", `esbuild ${BUNDLER_VERSION}`);
}

interface PageRun {
  readonly browser: Chromium;
  readonly site: BrowserSite;
  readonly delivery: Delivery;
  readonly print: (line: string) => void;
}

async function checkDelivery(
  checks: Checklist,
  { browser, site, delivery, print }: PageRun,
): Promise<void> {
  await using page = await browser.open();
  let seen: PageReport | undefined;
  await checks.check("the page loads and reports", async () => {
    await page.goto(site.pageUrl(delivery));
    seen = await reportOf(page);
  });
  if (seen === undefined) return;
  for (const line of seen.lines) print(line);
  checks.add(seen.cases);
  checks.add(seen.checks);
  await checks.check("nothing else goes wrong in the page", () => {
    assert.deepEqual(page.complaints, []);
    assert(
      seen !== undefined && seen.cases.passed + seen.cases.failed > 100,
      "these are not the cases",
    );
  });
}

async function reportOf(page: ChromiumPage): Promise<PageReport> {
  try {
    const seen = await page.evaluate("report()", { deadlineMs: REPORT_DEADLINE_MS });
    assert(isPageReport(seen), "the page gave no report");
    return seen;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error([why, ...page.complaints, ...page.log].join("\n"));
  }
}

function isPageReport(value: unknown): value is PageReport {
  return isRecord(value) && isRecord(value["cases"]) && isRecord(value["checks"]) &&
    Array.isArray(value["lines"]);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
