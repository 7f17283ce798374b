import { createBreaker } from "@switchgear/breaker";
import { ManualClock } from "@switchgear/breaker/testing";

const clock = new ManualClock();
const breaker = createBreaker("search", { failureThreshold: 1, openStateTimeout: "1m" }, { clock });
await breaker.do(() => Promise.reject(new Error("down"))).catch(() => {});
const before = breaker.state;
await clock.tick("1m");
console.log(before, breaker.state);
