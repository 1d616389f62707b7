import { describe, expect, it } from "vitest";
import { parseRelayAddress } from "../main/relay-address.ts";
import { explainFailure, readError, readSent } from "../main/relay-words.ts";
import { Refusal } from "../wire/contract.ts";

describe("what people type as a relay's address", () => {
  it.each([
    ["casa.local", "http://casa.local:4567"],
    ["  casa.local  ", "http://casa.local:4567"],
    ["casa", "http://casa:4567"],
    ["Casa.Local/", "http://casa.local:4567"],
    ["localhost", "http://localhost:4567"],
    ["localhost:4568", "http://localhost:4568"],
    ["casa.local:80", "http://casa.local:80"],
    ["127.0.0.1", "http://127.0.0.1:4567"],
    ["192.168.1.20", "http://192.168.1.20:4567"],
    ["10.0.0.7:9000", "http://10.0.0.7:9000"],
    ["172.20.3.4", "http://172.20.3.4:4567"],
    ["[::1]", "http://[::1]:4567"],
    ["http://casa.local", "http://casa.local:4567"],
    ["ws://casa.local:4567", "http://casa.local:4567"],
    ["172.40.3.4", "https://172.40.3.4"],
    ["chat.exemplo.org", "https://chat.exemplo.org"],
    ["chat.exemplo.org:8443", "https://chat.exemplo.org:8443"],
    ["https://chat.exemplo.org", "https://chat.exemplo.org"],
    ["https://chat.exemplo.org:443/", "https://chat.exemplo.org"],
    ["HTTPS://Chat.Exemplo.org", "https://chat.exemplo.org"],
    ["http://chat.exemplo.org", "http://chat.exemplo.org"],
    ["wss://chat.exemplo.org", "https://chat.exemplo.org"],
    ["https://casa.local:4567", "https://casa.local:4567"],
  ])("%s", (typed, address) => {
    expect(parseRelayAddress(typed)).toBe(address);
    expect(parseRelayAddress(address)).toBe(address);
  });

  it.each([
    "",
    "   ",
    "ftp://casa.local",
    "casa local",
    "http://",
    "casa.local/sala",
    "ana@casa.local",
    "casa:99999",
    "a?b",
  ])("refuses %j", (typed) => {
    expect(() => parseRelayAddress(typed)).toThrow(Refusal);
    expect(() => parseRelayAddress(typed)).toThrow("relay-address-invalid");
  });
});

describe("what a relay says", () => {
  it("a code of a newer relay becomes one there is a sentence for, and may pass or not as it says", () => {
    expect(readError({ code: "moon-phase", message: "x", retryable: true })).toMatchObject({ code: "unavailable" });
    expect(readError({ code: "moon-phase", message: "x", retryable: false })).toMatchObject({ code: "invalid" });
    expect(readError({ code: "__proto__", message: "", retryable: true })).toMatchObject({ code: "unavailable" });
  });

  it("whether a known code may pass is ours to say", () => {
    expect(readError({ code: "unavailable", message: "", retryable: false })).toMatchObject({ retryable: true });
  });

  it.each([undefined, null, 7, "no", [], {}, { code: 3, message: "", retryable: true }])("%j is no error", (said) => {
    expect(readError(said)).toBeUndefined();
  });

  it("[O3] a result that cannot be read costs only its own message", () => {
    const id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    const good = { id, ok: true, acceptedAt: 3 };
    expect(
      readSent({ ok: true, value: { results: [good, 1, { id: "x", ok: true }, { id, ok: false, error: 0 }] } }),
    ).toEqual({
      ok: true,
      value: [good],
    });
    expect(readSent({ ok: true, value: { results: "all" } })).toBeUndefined();
    expect(readSent("ok")).toBeUndefined();
  });

  it.each([
    [Object.assign(new Error("websocket error"), { description: { error: { code: "ENOTFOUND" } } }), "relay-not-found"],
    [
      Object.assign(new Error("websocket error"), { description: { error: { code: "ECONNREFUSED" } } }),
      "relay-unreachable",
    ],
    [
      Object.assign(new Error("websocket error"), { description: { error: { code: "EAI_AGAIN" } } }),
      "relay-unreachable",
    ],
    [
      Object.assign(new Error("websocket error"), { description: { message: "Unexpected server response: 404" } }),
      "not-a-relay",
    ],
    [Object.assign(new Error("websocket error"), { description: { error: { code: "EPROTO" } } }), "not-a-relay"],
    [
      Object.assign(new Error("websocket error"), { description: { error: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } } }),
      "certificate-untrusted",
    ],
    [
      Object.assign(new Error("websocket error"), { description: { error: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } } }),
      "certificate-untrusted",
    ],
    [new Error("timeout"), "relay-unreachable"],
    [undefined, "relay-unreachable"],
  ])("a failure to connect is explained: %#", (cause, code) => {
    expect(explainFailure(cause).code).toBe(code);
  });
});
