// Options of zeromq.js 5: short names, and which of libzmq's numbers they are.

/** Short names and their numbers. */
export const options: Readonly<Record<string, number>> = {
  _fd: 14,
  _ioevents: 15,
  _receiveMore: 13,
  _subscribe: 6,
  _unsubscribe: 7,
  affinity: 4,
  backlog: 19,
  identity: 5,
  linger: 17,
  rate: 8,
  rcvbuf: 12,
  last_endpoint: 32,
  reconnect_ivl: 18,
  recovery_ivl: 9,
  sndbuf: 11,
  mechanism: 43,
  plain_server: 44,
  plain_username: 45,
  plain_password: 46,
  curve_server: 47,
  curve_publickey: 48,
  curve_secretkey: 49,
  curve_serverkey: 50,
  zap_domain: 55,
  heartbeat_ivl: 75,
  heartbeat_ttl: 76,
  heartbeat_timeout: 77,
  connect_timeout: 79,
};

/** The number of an option, by number or short name. */
export function optionNumber(option: number | string): number {
  const number = typeof option === "number" ? option : options[option];
  if (number === undefined) throw new Error("Unknown option");
  return number;
}
