// The options of sockets as types: what a property takes and gives, in which unit
// and with which default. The table behind them is in options.ts.

import type { MechanismChoice } from "./mechanism_choice.ts";

/** Peers older than ZMTP 3.0. */
export type LegacyPeers = "none" | "2.0" | "1.0";

/** What is known of a peer that asks to be let in. */
export interface AuthenticationRequest {
  /** The mechanism that it speaks. */
  readonly mechanism: "NULL" | "PLAIN" | "CURVE";
  /** Its address, without a port. */
  readonly address: string;
  /** `zapDomain` of our socket; empty if none. */
  readonly domain: string;
  /** The routing id of our socket. */
  readonly routingId: Uint8Array;
  /** With PLAIN. */
  readonly username: string | null;
  /** With PLAIN. */
  readonly password: string | null;
  /** With CURVE: its long-term key, as Z85. */
  readonly publicKey: string | null;
}

/** Who was let in: what `receiveWithMetadata` says of it. */
export interface Authenticated {
  /** Told as `User-Id`. */
  readonly userId?: string;
  /** Further properties. */
  readonly metadata?: Record<string, string>;
}

/**
 * Decides whether a peer may come in, within `handshakeInterval`: who it is, or
 * `false`. What it throws refuses the peer, too, and so does any other answer.
 */
export type Authenticate = (
  request: AuthenticationRequest,
) => Promise<Authenticated | boolean> | Authenticated | boolean;

/** The kind of a Kerberos name. */
export type PrincipalNameType = "hostBased" | "userName" | "krb5Principal";

/** Options of every socket. Unless said otherwise they act on later binds and connects. */
export interface CommonOptions {
  /**
   * `ZMQ_LINGER`: how long `close()`, `disconnect` and `unbind` keep trying to send what
   * was accepted, in milliseconds; -1 for ever, 0 not at all: what was sent in the same
   * turn is lost, too. Default -1; 0 on a Subscriber, XSubscriber and Dish. Live.
   */
  linger: number;
  /** `ZMQ_RECONNECT_IVL`: base delay before a connection is tried again, in milliseconds; -1 never, and so is 0, as in libzmq. Default 100. */
  reconnectInterval: number;
  /** `ZMQ_RECONNECT_IVL_MAX`: the delay doubles up to this many milliseconds; 0 keeps it at the base. Default 0. */
  reconnectMaxInterval: number;
  /**
   * `ZMQ_CONNECT_TIMEOUT`: how long one attempt to connect may take, in
   * milliseconds; 0 leaves it to the system. Default 5000 (libzmq: 0), so that
   * an attempt that leads nowhere doesn't keep a finished program alive.
   */
  connectTimeout: number;
  /** `ZMQ_HANDSHAKE_IVL`: time allowed for greeting and handshake, in milliseconds; 0 for no limit. Default 30000. */
  handshakeInterval: number;
  /** `ZMQ_MAXMSGSIZE`: bytes in the largest frame taken from a peer, commands included; -1 for no limit. Default -1. */
  maxMessageSize: number;
  /** `ZMQ_BACKLOG`: length of a listener's queue of new connections. Default 100. */
  backlog: number;
  /** `ZMQ_IMMEDIATE`: queue messages only to connections that are complete. Default false. */
  immediate: boolean;
  /** `ZMQ_IPV6`: use IPv6 beside IPv4. Default false, or the context's. */
  ipv6: boolean;
  /** `ZMQ_HEARTBEAT_IVL`: milliseconds between PINGs; 0 sends none. Default 0. */
  heartbeatInterval: number;
  /** `ZMQ_HEARTBEAT_TIMEOUT`: milliseconds without a sign of life after a PING; -1 means `heartbeatInterval`. Default -1. */
  heartbeatTimeout: number;
  /** `ZMQ_HEARTBEAT_TTL`: milliseconds of silence after which the peer should hang up, rounded down to 100; 0 says nothing. Default 0. */
  heartbeatTimeToLive: number;
  /** `ZMQ_TCP_KEEPALIVE`: keep-alive probes on (1), off (0) or as the system has it (-1). Default -1. */
  tcpKeepalive: number;
  /** `ZMQ_TCP_KEEPALIVE_CNT`: unanswered probes before a connection is given up; -1 for the system's. Default -1. */
  tcpKeepaliveCount: number;
  /** `ZMQ_TCP_KEEPALIVE_IDLE`: seconds of silence before the first probe; -1 for the system's. Default -1. */
  tcpKeepaliveIdle: number;
  /** `ZMQ_TCP_KEEPALIVE_INTVL`: seconds between probes; -1 for the system's. Default -1. */
  tcpKeepaliveInterval: number;
  /** `ZMQ_RECONNECT_STOP`: what ends the attempts: 1 a refused connection, 2 a failed handshake, 4 `disconnect`, though messages wait; sums. Default 0. */
  reconnectStop: number;
  /**
   * Which peers older than ZMTP 3.0 are served: `"none"`, `"2.0"` (libzmq 3.2), or
   * `"1.0"` (libzmq 2.x) too, which takes any bytes for a peer. Default `"2.0"`
   * (libzmq: `"1.0"`).
   */
  legacyPeers: LegacyPeers;
  /** `ZMQ_METADATA`: properties told in the handshake; names begin with `X-`. Default null. */
  metadata: Record<string, string> | null;
  /** `ZMQ_TCP_ACCEPT_FILTER`: ranges such as `10.0.0.0/8` that may connect; setting a string adds one, null clears. Default null: all. */
  tcpAcceptFilter: string | readonly string[] | null;
  /** `ZMQ_TOS`: type of service of IP packets, 0 to 255. Default 0. */
  typeOfService: number;
  /** `ZMQ_USE_FD`: a listening descriptor for `bind` to take over, on Node; -1 for none. Default -1. */
  useFd: number;
  /** `ZMQ_BINDTODEVICE`: the interface to use. Default null. */
  interface: string | null;
  /** `ZMQ_TCP_MAXRT`: milliseconds of retransmission before a connection is given up; 0 for the system's. Default 0. */
  tcpMaxRetransmitTimeout: number;
  /** `ZMQ_PRIORITY`: SO_PRIORITY of packets. Default 0. */
  priority: number;
  /** `ZMQ_BUSY_POLL`: SO_BUSY_POLL. Default 0. */
  busyPoll: number;
  /** `ZMQ_LOOPBACK_FASTPATH`: Windows' short way. Default false. */
  loopbackFastPath: boolean;
  /** `ZMQ_AFFINITY`: which background threads may have its connections, by bits; 0 for all. Default 0. */
  affinity: number;
  /** `ZMQ_IN_BATCH_SIZE`: kept for programs that set it, in bytes. Default 8192. */
  inBatchSize: number;
  /** `ZMQ_OUT_BATCH_SIZE`: kept for programs that set it, in bytes. Default 8192. */
  outBatchSize: number;
  /** `ZMQ_SOCKS_PROXY`: a SOCKS5 proxy for outgoing tcp, `host:port`; it looks the names of hosts up. Default null. */
  socksProxy: string | null;
  /** `ZMQ_SOCKS_USERNAME`. Default null. */
  socksUsername: string | null;
  /** `ZMQ_SOCKS_PASSWORD`. Default null. */
  socksPassword: string | null;
  /** `ZMQ_IPC_FILTER_PID`: the process that may connect; -1 for any. Default -1. */
  ipcFilterProcessId: number;
  /** `ZMQ_IPC_FILTER_UID`: the user that may connect; -1 for any. Default -1. */
  ipcFilterUserId: number;
  /** `ZMQ_IPC_FILTER_GID`: the group that may connect; -1 for any. Default -1. */
  ipcFilterGroupId: number;
  /** `ZMQ_RATE`: multicast rate in kilobits a second. Default 100. */
  rate: number;
  /** `ZMQ_RECOVERY_IVL`: multicast recovery window in milliseconds. Default 10000. */
  recoveryInterval: number;
  /** `ZMQ_MULTICAST_MAXTPDU`: bytes in a multicast packet. Default 1500. */
  multicastMaxTransportDataUnit: number;
  /** `ZMQ_MULTICAST_LOOP`: whether this host hears its own multicast. Default true. */
  multicastLoop: boolean;
  /** `ZMQ_PLAIN_SERVER`. Default false. */
  plainServer: boolean;
  /** `ZMQ_PLAIN_USERNAME`. Default null. */
  plainUsername: string | null;
  /** `ZMQ_PLAIN_PASSWORD`. Default null. */
  plainPassword: string | null;
  /** `ZMQ_CURVE_SERVER`. Default false. */
  curveServer: boolean;
  /** `ZMQ_CURVE_PUBLICKEY`: 40 characters of Z85, as which it reads, or 32 bytes. Default null. */
  curvePublicKey: string | Uint8Array | null;
  /** `ZMQ_CURVE_SECRETKEY`: 40 characters of Z85, as which it reads, or 32 bytes. Default null. */
  curveSecretKey: string | Uint8Array | null;
  /** `ZMQ_CURVE_SERVERKEY`: 40 characters of Z85, as which it reads, or 32 bytes. Default null. */
  curveServerKey: string | Uint8Array | null;
  /** `ZMQ_ZAP_DOMAIN`. Default null. */
  zapDomain: string | null;
  /** `ZMQ_ZAP_ENFORCE_DOMAIN`. Default false. */
  zapEnforceDomain: boolean;
  /** Decides about peers in place of ZAP: those that come to a server of PLAIN or CURVE, or with NULL to any listener. Default null. */
  authenticate: Authenticate | null;
  /** Peers of a listener whose handshake is not through; more are hung up on. Default 1000. */
  maxPendingHandshakes: number;
  /** Peers of a listener; more are hung up on. Default 0: no limit. */
  maxConnections: number;
  /** Peers of a listener from one address; more are hung up on. Default 0: no limit. */
  maxConnectionsPerAddress: number;
  /** Bytes of each queue of a connection that may wait in a file once it is past its bounds; needs `swap` of the context. Default 0: none. For later binds and connects. */
  swapSize: number;
  /** The folder of those files. Default null: the system's for temporary files. For later binds and connects. */
  swapDirectory: string | null;
  /** Frames of a message that a peer sends; one that sends more is cut off, E2BIG. Default 65536. */
  maxMessageParts: number;
  /** `ZMQ_GSSAPI_SERVER`. Default false. */
  gssapiServer: boolean;
  /** `ZMQ_GSSAPI_PRINCIPAL`. Default null. */
  gssapiPrincipal: string | null;
  /** `ZMQ_GSSAPI_SERVICE_PRINCIPAL`. Default null. */
  gssapiServicePrincipal: string | null;
  /** `ZMQ_GSSAPI_PLAINTEXT`. Default false. */
  gssapiPlainText: boolean;
  /** `ZMQ_GSSAPI_PRINCIPAL_NAMETYPE`. Default `"hostBased"`. */
  gssapiPrincipalNameType: PrincipalNameType;
  /** `ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE`. Default `"hostBased"`. */
  gssapiServicePrincipalNameType: PrincipalNameType;
  /** `ZMQ_WSS_KEY_PEM`. Default null. */
  wssKeyPem: string | null;
  /** `ZMQ_WSS_CERT_PEM`. Default null. */
  wssCertPem: string | null;
  /** `ZMQ_WSS_TRUST_PEM`. Default null. */
  wssTrustPem: string | null;
  /** `ZMQ_WSS_HOSTNAME`. Default null. */
  wssHostname: string | null;
  /** `ZMQ_WSS_TRUST_SYSTEM`. Default false. */
  wssTrustSystem: boolean;
  /** `ZMQ_VMCI_BUFFER_SIZE`. Default 0. */
  vmciBufferSize: number;
  /** `ZMQ_VMCI_BUFFER_MIN_SIZE`. Default 0. */
  vmciBufferMinSize: number;
  /** `ZMQ_VMCI_BUFFER_MAX_SIZE`. Default 0. */
  vmciBufferMaxSize: number;
  /** `ZMQ_VMCI_CONNECT_TIMEOUT`. Default -1. */
  vmciConnectTimeout: number;
  /** `ZMQ_NORM_MODE`. Default 1. */
  normMode: number;
  /** `ZMQ_NORM_UNICAST_NACK`. Default false. */
  normUnicastNack: boolean;
  /** `ZMQ_NORM_BUFFER_SIZE`. Default 2048. */
  normBufferSize: number;
  /** `ZMQ_NORM_SEGMENT_SIZE`. Default 1400. */
  normSegmentSize: number;
  /** `ZMQ_NORM_BLOCK_SIZE`. Default 16. */
  normBlockSize: number;
  /** `ZMQ_NORM_NUM_PARITY`. Default 4. */
  normNumParity: number;
  /** `ZMQ_NORM_NUM_AUTOPARITY`. Default 0. */
  normNumAutoParity: number;
  /** `ZMQ_NORM_PUSH`. Default false. */
  normPush: boolean;
}

/** Options of sockets that send. */
export interface SendingOptions {
  /** `ZMQ_SNDHWM`: messages that may wait for one peer; 0 for no limit. Default 1000. Live. */
  sendHighWaterMark: number;
  /** Bytes that may wait for one peer, beside the mark in messages: whichever is met first counts. A message more is taken than fits. Default 0: no limit. Live. */
  sendBytesLimit: number;
  /** `ZMQ_SNDTIMEO`: milliseconds a `send` may wait; 0 not at all, -1 for ever. Default -1. Live. */
  sendTimeout: number;
  /** `ZMQ_MULTICAST_HOPS`: routers that multicast packets may pass, and one. Default 1. */
  multicastHops: number;
  /** `ZMQ_SNDBUF`: kernel buffer in bytes, -1 for the system's. Default -1. */
  sendBufferSize: number;
  /** Sends that may wait in line at once before one rejects with EBUSY. Default 1000. Live. */
  maxPendingSends: number;
}

/** Options of sockets that receive. */
export interface ReceivingOptions {
  /** `ZMQ_RCVHWM`: messages of one peer that may wait to be received; 0 for no limit. Default 1000. Live. */
  receiveHighWaterMark: number;
  /** Bytes of one peer that may wait to be received, beside the mark in messages: whichever is met first counts. One read, of 64 KiB as a rule, or one message more is taken than fits. Default 0: no limit. Live. */
  receiveBytesLimit: number;
  /** `ZMQ_RCVTIMEO`: milliseconds a `receive` may wait; 0 not at all, -1 for ever. Default -1. Live. */
  receiveTimeout: number;
  /** `ZMQ_RCVBUF`: kernel buffer in bytes, -1 for the system's. Default -1. */
  receiveBufferSize: number;
  /** Receives that may wait in line at once before one rejects with EBUSY. Default 1000. Live. */
  maxPendingReceives: number;
}

/** The option of sockets that can have a name for their peers. */
export interface RoutingIdOptions {
  /**
   * `ZMQ_ROUTING_ID`: the name a Router on the other side knows this socket by,
   * 1 to 255 bytes. Default null: the peer makes one up, which begins with a zero byte.
   */
  routingId: string | Uint8Array | null;
}

/** Options of a Request. */
export interface RequestingOptions extends ProbingOptions {
  /** `ZMQ_REQ_CORRELATE`: put a number before each request and take only the reply that carries it. Default false. Live. */
  correlate: boolean;
  /** `ZMQ_REQ_RELAXED`: allow a new request before the reply to the last. Default false. Live. */
  relaxed: boolean;
}

/** The option of sockets that can make themselves known to a Router. */
export interface ProbingOptions {
  /** `ZMQ_PROBE_ROUTER`: send an empty message on each new connection. Default false. Live. */
  probeRouter: boolean;
}

/** Options of a Router. */
export interface RoutingOptions {
  /**
   * `ZMQ_ROUTER_MANDATORY`: a message to nobody is an error (EHOSTUNREACH) and one
   * to a peer that is full waits; otherwise both are dropped. Default false. Live.
   */
  mandatory: boolean;
  /** `ZMQ_ROUTER_HANDOVER`: a newcomer takes over the name of a peer there is; what that had said is heard first. Default false. Live. */
  handover: boolean;
  /** `ZMQ_ROUTER_NOTIFY`: deliver `[id, empty]` when a peer connects (1), disconnects (2), or both (3). Default 0. Live. */
  notify: number;
  /** `ZMQ_ROUTER_RAW`: not supported; use a Stream. Default false. */
  routerRaw: boolean;
}

/** The option of sockets that peers subscribe to by topic. */
export interface TopicLimitOptions {
  /** Bytes of a subscription; a peer that sends a longer one is cut off, ENAMETOOLONG. Default 65536. Live. */
  maxSubscriptionLength: number;
}

/** The option of a Stream. */
export interface StreamingOptions {
  /** `ZMQ_STREAM_NOTIFY`: deliver `[id, empty]` when a connection begins or ends. Default true. Live. */
  notify: boolean;
}

/** Options of sockets that peers subscribe to, or join. */
export interface SubscribedOptions {
  /** Subscriptions, or groups, of one peer; one that asks for more is cut off, ENOSPC. Default 1048576. Live. */
  maxSubscriptions: number;
  /** `ZMQ_XPUB_NODROP`: wait for peers that are full, up to `sendTimeout`, in place of dropping. Default false. Live. */
  noDrop: boolean;
}

/** The option of publishers and subscribers. */
export interface InvertingOptions {
  /** `ZMQ_INVERT_MATCHING`: deliver what does not match; to be set at both ends. Default false. Live. */
  invertMatching: boolean;
}

/** The option of sockets that take or send subscriptions as frames. */
export interface FirstSubscribeOptions {
  /** `ZMQ_ONLY_FIRST_SUBSCRIBE`: only the first frame of a message can be a subscription. Default false. Live. */
  onlyFirstSubscribe: boolean;
}

/** Options of an XPublisher. */
export interface XPublishingOptions {
  /** `ZMQ_XPUB_VERBOSE`, `ZMQ_XPUB_VERBOSER`: what is reported beside the first subscription and the last unsubscription to a topic. Default null: nothing. Live. */
  verbosity: "allSubs" | "allSubsUnsubs" | null;
  /** `ZMQ_XPUB_MANUAL`: subscriptions are only reported; `subscribe` and `unsubscribe` make them for the peer that was heard last. Default false. Live. */
  manual: boolean;
  /** `ZMQ_XPUB_MANUAL_LAST_VALUE`: `manual`, and the first message after a `subscribe` goes to that peer only. Default false. Live. */
  manualLastValue: boolean;
  /** `ZMQ_XPUB_WELCOME_MSG`: the first message to each subscriber. Default null. Live. */
  welcomeMessage: string | Uint8Array | null;
}

/** The option of an XSubscriber. */
export interface XSubscribingOptions {
  /** `ZMQ_XSUB_VERBOSE_UNSUBSCRIBE`: pass on every unsubscription, not just the last of a topic. Default false. Live. */
  verboseUnsubscribe: boolean;
}

/** The option of sockets that greet. */
export interface HelloOptions {
  /** `ZMQ_HELLO_MSG`: the first message on each new connection. Default null. Live. */
  helloMessage: string | Uint8Array | null;
}

/** The option of sockets that accept peers. */
export interface DisconnectOptions {
  /** `ZMQ_DISCONNECT_MSG`: delivered here, as if from the peer, when a peer that had come leaves. Default null. Live. */
  disconnectMessage: string | Uint8Array | null;
}

/** The option of sockets that connect. */
export interface HiccupOptions {
  /** `ZMQ_HICCUP_MSG`: delivered here, as if from the peer, when a connection made from here breaks. Default null. Live. */
  hiccupMessage: string | Uint8Array | null;
}

/** The option of sockets that can keep just the newest message. */
export interface ConflatingOptions {
  /** `ZMQ_CONFLATE`: keep only the newest message of one frame; high-water marks don't count. Default false. */
  conflate: boolean;
}

type CurveKey = "curvePublicKey" | "curveSecretKey" | "curveServerKey";

/** Every option, by name, as it is kept. */
export interface OptionValues
  extends
    Omit<CommonOptions, "tcpAcceptFilter" | CurveKey>,
    SendingOptions,
    ReceivingOptions,
    RoutingIdOptions,
    RequestingOptions,
    ConflatingOptions,
    Omit<RoutingOptions, "notify">,
    SubscribedOptions,
    TopicLimitOptions,
    InvertingOptions,
    FirstSubscribeOptions,
    Omit<XPublishingOptions, "welcomeMessage">,
    XSubscribingOptions {
  /** A list, whatever was given. */
  tcpAcceptFilter: readonly string[] | null;
  /** As text. */
  curvePublicKey: string | null;
  /** As text. */
  curveSecretKey: string | null;
  /** As text. */
  curveServerKey: string | null;
  /** A number of a Router, and whether of a Stream. */
  notify: number | boolean;
  /** As bytes. */
  welcomeMessage: Uint8Array | null;
  /** As bytes. */
  helloMessage: Uint8Array | null;
  /** As bytes. */
  disconnectMessage: Uint8Array | null;
  /** As bytes. */
  hiccupMessage: Uint8Array | null;
  /** What the options of PLAIN and CURVE have chosen: the one that was set last does. */
  mechanism: MechanismChoice;
}

/** The name of an option. */
export type OptionName = Exclude<keyof OptionValues, "mechanism">;
/** What an option can be set to. */
export type OptionValue =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly string[]
  | Record<string, string>
  | Authenticate
  | null;
