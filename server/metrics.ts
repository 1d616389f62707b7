import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Reply } from "../wire/contract.ts";

/** What an operator can watch, in Prometheus' text. Counts and sizes only: no names. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "recado_requests_total",
    help: "Requests answered, by name and result code",
    labelNames: ["request", "code"],
    registers: [this.#registry],
  });
  readonly #messages = new Counter({
    name: "recado_messages_total",
    help: "Messages accepted or refused, by code",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #delivered = new Counter({
    name: "recado_envelopes_delivered_total",
    help: "Envelopes settled by devices",
    registers: [this.#registry],
  });
  readonly #batches = new Histogram({
    name: "recado_delivery_batch_envelopes",
    help: "Envelopes per delivered batch",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: "recado_sign_ins_refused_total",
    help: "Sign-ins refused, by code",
    labelNames: ["code"],
    registers: [this.#registry],
  });

  constructor(facts: { sessions(): number; ready(): boolean }) {
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "recado_sessions",
      help: "Signed-in sessions",
      registers: [this.#registry],
      collect() {
        this.set(facts.sessions());
      },
    });
    new Gauge({
      name: "recado_inboxes_ready",
      help: "1 when messages can be accepted",
      registers: [this.#registry],
      collect() {
        this.set(facts.ready() ? 1 : 0);
      },
    });
  }

  answered(request: string, reply: Reply<unknown>): void {
    this.#requests.inc({ request, code: reply.ok ? "ok" : reply.error.code });
    if (request !== "message:send" || !reply.ok) return;
    const { value } = reply;
    if (typeof value !== "object" || value === null || !("results" in value) || !Array.isArray(value.results)) return;
    const counts = new Map<string, number>();
    for (const result of value.results as { ok: boolean; error?: { code: string } }[]) {
      const code = result.ok ? "accepted" : (result.error?.code ?? "unknown");
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    for (const [code, count] of counts) this.#messages.inc({ code }, count);
  }

  delivered(envelopes: number): void {
    this.#delivered.inc(envelopes);
    this.#batches.observe(envelopes);
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
