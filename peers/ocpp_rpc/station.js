// A station of `ocpp-rpc` in strict mode: tells all that a station can tell, obeys, and reports what it sees.
//
// node station.js ENDPOINT IDENTITY SUBPROTOCOL PASSWORD; a line of JSON on stdout for each thing seen, `kind` first.
// It leaves when its stdin closes.

"use strict";

const { setTimeout: pause } = require("node:timers/promises");
const { RPCClient } = require("ocpp-rpc");
const versions = { "ocpp1.6": require("./ocpp16.js"), "ocpp2.0.1": require("./ocpp201.js") };

const [endpoint, identity, subprotocol, password] = process.argv.slice(2);
const { repertoire, others, obey } = versions[subprotocol];
const following = [];
const say = (kind, more = {}) => process.stdout.write(`${JSON.stringify({ kind, ...more })}\n`);
const station = new RPCClient({
  endpoint,
  identity,
  password,
  protocols: [subprotocol],
  strictMode: true,
  reconnect: false,
  callTimeoutMs: 10_000,
});

station.on("strictValidationFailure", ({ method, params, result, error, outbound, isCall }) =>
  say("violation", { method, outbound, isCall, why: error.message, params, result }));
station.on("badMessage", ({ buffer, error }) => say("bad", { frame: String(buffer), why: error.message }));
station.on("close", ({ code }) => {
  say("closed", { code });
  process.exit(0);
});
process.stdin.resume();
process.stdin.on("end", async () => {
  // Whatever still follows from a command is told first, so that no answer comes too late to be understood.
  await Promise.all(following);
  station.close({ code: 1000, awaitPending: true });
});

/** Sends one message and says what came of it; gives the answer, or null. */
async function tell(method, params) {
  try {
    const result = await station.call(method, params);
    say("told", { method, result });
    return result;
  } catch (error) {
    say("refused", { method, code: error.rpcErrorCode ?? error.name, why: error.message });
    return null;
  }
}

station.handle(({ method, params }) => {
  say("commanded", { method, params });
  const { answer, then } = obey(method, params);
  // What follows from a command is told once its answer is out.
  if (then) following.push(pause(20).then(() => then(tell)));
  return answer;
});

(async () => {
  try {
    await station.connect();
  } catch (error) {
    say("shut-out", { why: error.message });
    process.exit(1);
  }
  say("connected", { subprotocol: station.protocol });
  await repertoire(tell);
  await others(tell);
  say("ready");
})();
