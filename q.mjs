const a = performance.now();
const { Push, Pull } = await import("/tmp/st/q/package/mod.js");
const b = performance.now();
const pull = new Pull(); await pull.bind("tcp://127.0.0.1:*");
const c = performance.now();
const push = new Push(); push.connect(pull.lastEndpoint); await push.send("a");
await pull.receive(); const d = performance.now(); console.log([a,b-a,c-b,d-c,d-a].map(x=>x.toFixed(1)).join(" ")); push.close(); pull.close();
