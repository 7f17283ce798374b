import { createBreaker } from "@switchgear/breaker";
import { guard } from "@switchgear/breaker/guard";

class Pool {
  #isUp = true;

  break(): void {
    this.#isUp = false;
  }

  async query(text: string): Promise<string[]> {
    if (!this.#isUp) throw new Error("connection refused");
    return await Promise.resolve([text]);
  }
}

const breaker = createBreaker("orders-db", { failureThreshold: 1 });
const pool = guard(new Pool(), { getBreaker: () => breaker }, { name: "orders-db" });
const rows: string[] = await pool.query("select 1");
pool.break();
const failures = [await pool.query("").catch(String), await pool.query("").catch((e) => e.code)];
console.log(rows.join(), failures.join());
