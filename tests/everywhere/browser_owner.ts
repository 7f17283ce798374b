/**
 * Starts a browser, says which, and waits to be killed.
 *
 * @module
 */
import { Chromium } from "../servers/chromium.ts";

const browser = await Chromium.start();
console.log(`${browser.pid} ${browser.profile}`);
await new Promise(() => setInterval(() => {}, 1_000));
