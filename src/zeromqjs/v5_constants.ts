// The numbers of zmq.h under the names that zeromq.js 5 exports.

/** `ZMQ_AFFINITY`. */
export const ZMQ_AFFINITY: number = 4;
/** `ZMQ_IDENTITY`. */
export const ZMQ_IDENTITY: number = 5;
/** `ZMQ_SUBSCRIBE`. */
export const ZMQ_SUBSCRIBE: number = 6;
/** `ZMQ_UNSUBSCRIBE`. */
export const ZMQ_UNSUBSCRIBE: number = 7;
/** `ZMQ_RATE`. */
export const ZMQ_RATE: number = 8;
/** `ZMQ_RECOVERY_IVL`. */
export const ZMQ_RECOVERY_IVL: number = 9;
/** `ZMQ_RECOVERY_IVL_MSEC`. */
export const ZMQ_RECOVERY_IVL_MSEC: number = 9;
/** `ZMQ_SNDBUF`. */
export const ZMQ_SNDBUF: number = 11;
/** `ZMQ_RCVBUF`. */
export const ZMQ_RCVBUF: number = 12;
/** `ZMQ_RCVMORE`. */
export const ZMQ_RCVMORE: number = 13;
/** `ZMQ_FD`. */
export const ZMQ_FD: number = 14;
/** `ZMQ_EVENTS`. */
export const ZMQ_EVENTS: number = 15;
/** `ZMQ_TYPE`. */
export const ZMQ_TYPE: number = 16;
/** `ZMQ_LINGER`. */
export const ZMQ_LINGER: number = 17;
/** `ZMQ_RECONNECT_IVL`. */
export const ZMQ_RECONNECT_IVL: number = 18;
/** `ZMQ_BACKLOG`. */
export const ZMQ_BACKLOG: number = 19;
/** `ZMQ_RECONNECT_IVL_MAX`. */
export const ZMQ_RECONNECT_IVL_MAX: number = 21;
/** `ZMQ_MAXMSGSIZE`. */
export const ZMQ_MAXMSGSIZE: number = 22;
/** `ZMQ_SNDHWM`. */
export const ZMQ_SNDHWM: number = 23;
/** `ZMQ_RCVHWM`. */
export const ZMQ_RCVHWM: number = 24;
/** `ZMQ_MULTICAST_HOPS`. */
export const ZMQ_MULTICAST_HOPS: number = 25;
/** `ZMQ_RCVTIMEO`. */
export const ZMQ_RCVTIMEO: number = 27;
/** `ZMQ_SNDTIMEO`. */
export const ZMQ_SNDTIMEO: number = 28;
/** `ZMQ_IPV4ONLY`. */
export const ZMQ_IPV4ONLY: number = 31;
/** `ZMQ_LAST_ENDPOINT`. */
export const ZMQ_LAST_ENDPOINT: number = 32;
/** `ZMQ_ROUTER_MANDATORY`. */
export const ZMQ_ROUTER_MANDATORY: number = 33;
/** `ZMQ_TCP_KEEPALIVE`. */
export const ZMQ_TCP_KEEPALIVE: number = 34;
/** `ZMQ_TCP_KEEPALIVE_CNT`. */
export const ZMQ_TCP_KEEPALIVE_CNT: number = 35;
/** `ZMQ_TCP_KEEPALIVE_IDLE`. */
export const ZMQ_TCP_KEEPALIVE_IDLE: number = 36;
/** `ZMQ_TCP_KEEPALIVE_INTVL`. */
export const ZMQ_TCP_KEEPALIVE_INTVL: number = 37;
/** `ZMQ_TCP_ACCEPT_FILTER`. */
export const ZMQ_TCP_ACCEPT_FILTER: number = 38;
/** `ZMQ_DELAY_ATTACH_ON_CONNECT`. */
export const ZMQ_DELAY_ATTACH_ON_CONNECT: number = 39;
/** `ZMQ_XPUB_VERBOSE`. */
export const ZMQ_XPUB_VERBOSE: number = 40;
/** `ZMQ_ROUTER_RAW`. */
export const ZMQ_ROUTER_RAW: number = 41;
/** `ZMQ_IPV6`. */
export const ZMQ_IPV6: number = 42;
/** `ZMQ_MECHANISM`. */
export const ZMQ_MECHANISM: number = 43;
/** `ZMQ_PLAIN_SERVER`. */
export const ZMQ_PLAIN_SERVER: number = 44;
/** `ZMQ_PLAIN_USERNAME`. */
export const ZMQ_PLAIN_USERNAME: number = 45;
/** `ZMQ_PLAIN_PASSWORD`. */
export const ZMQ_PLAIN_PASSWORD: number = 46;
/** `ZMQ_CURVE_SERVER`. */
export const ZMQ_CURVE_SERVER: number = 47;
/** `ZMQ_CURVE_PUBLICKEY`. */
export const ZMQ_CURVE_PUBLICKEY: number = 48;
/** `ZMQ_CURVE_SECRETKEY`. */
export const ZMQ_CURVE_SECRETKEY: number = 49;
/** `ZMQ_CURVE_SERVERKEY`. */
export const ZMQ_CURVE_SERVERKEY: number = 50;
/** `ZMQ_ZAP_DOMAIN`. */
export const ZMQ_ZAP_DOMAIN: number = 55;
/** `ZMQ_HEARTBEAT_IVL`. */
export const ZMQ_HEARTBEAT_IVL: number = 75;
/** `ZMQ_HEARTBEAT_TTL`. */
export const ZMQ_HEARTBEAT_TTL: number = 76;
/** `ZMQ_HEARTBEAT_TIMEOUT`. */
export const ZMQ_HEARTBEAT_TIMEOUT: number = 77;
/** `ZMQ_CONNECT_TIMEOUT`. */
export const ZMQ_CONNECT_TIMEOUT: number = 79;
/** `ZMQ_IO_THREADS`. */
export const ZMQ_IO_THREADS: number = 1;
/** `ZMQ_MAX_SOCKETS`. */
export const ZMQ_MAX_SOCKETS: number = 2;
/** `ZMQ_ROUTER_HANDOVER`. */
export const ZMQ_ROUTER_HANDOVER: number = 56;
/** `ZMQ_PAIR`. */
export const ZMQ_PAIR: number = 0;
/** `ZMQ_PUB`. */
export const ZMQ_PUB: number = 1;
/** `ZMQ_SUB`. */
export const ZMQ_SUB: number = 2;
/** `ZMQ_REQ`. */
export const ZMQ_REQ: number = 3;
/** `ZMQ_REP`. */
export const ZMQ_REP: number = 4;
/** `ZMQ_DEALER`. */
export const ZMQ_DEALER: number = 5;
/** `ZMQ_XREQ`. */
export const ZMQ_XREQ: number = 5;
/** `ZMQ_ROUTER`. */
export const ZMQ_ROUTER: number = 6;
/** `ZMQ_XREP`. */
export const ZMQ_XREP: number = 6;
/** `ZMQ_PULL`. */
export const ZMQ_PULL: number = 7;
/** `ZMQ_PUSH`. */
export const ZMQ_PUSH: number = 8;
/** `ZMQ_XPUB`. */
export const ZMQ_XPUB: number = 9;
/** `ZMQ_XSUB`. */
export const ZMQ_XSUB: number = 10;
/** `ZMQ_STREAM`. */
export const ZMQ_STREAM: number = 11;
/** `ZMQ_POLLIN`. */
export const ZMQ_POLLIN: number = 1;
/** `ZMQ_POLLOUT`. */
export const ZMQ_POLLOUT: number = 2;
/** `ZMQ_POLLERR`. */
export const ZMQ_POLLERR: number = 4;
/** `ZMQ_SNDMORE`. */
export const ZMQ_SNDMORE: number = 2;
/** `ZMQ_CAN_MONITOR`. */
export const ZMQ_CAN_MONITOR: number = 1;
/** `ZMQ_CAN_DISCONNECT`. */
export const ZMQ_CAN_DISCONNECT: number = 1;
/** `ZMQ_CAN_UNBIND`. */
export const ZMQ_CAN_UNBIND: number = 1;
/** `ZMQ_CAN_SET_CTX`. */
export const ZMQ_CAN_SET_CTX: number = 1;
/** `STATE_READY`. */
export const STATE_READY: number = 0;
/** `STATE_BUSY`. */
export const STATE_BUSY: number = 1;
/** `STATE_CLOSED`. */
export const STATE_CLOSED: number = 2;
