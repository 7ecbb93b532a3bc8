// What clients, workers and the broker of Majordomo say to each other. It is the
// protocol of RFC 7 (MDP 0.1), so each can be replaced by a program that somebody
// else wrote. Each message begins with an empty frame, then who speaks:
//
//     client to broker   CLIENT  service  body…
//     broker to client   CLIENT  service  body…
//     worker to broker   WORKER  READY    service
//                        WORKER  REPLY    client  (empty)  body…
//     broker to worker   WORKER  REQUEST  client  (empty)  body…
//     either way         WORKER  HEARTBEAT
//                        WORKER  DISCONNECT

export const CLIENT = "MDPC01";
export const WORKER = "MDPW01";

export const READY = "\x01";
export const REQUEST = "\x02";
export const REPLY = "\x03";
export const HEARTBEAT = "\x04";
export const DISCONNECT = "\x05";

/** Where the broker is found unless somebody says otherwise. */
export const BROKER = "tcp://127.0.0.1:5555";
/** Milliseconds between heartbeats. */
export const INTERVAL = 1000;
/** So many heartbeats may be missing before the other is taken for dead. */
export const LIVENESS = 3;
