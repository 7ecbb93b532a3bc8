// Each statement on libzmq's behaviour that concerns sockets, options, events,
// contexts, proxies and inproc, and the test of ours that shows it. What is left
// out says why.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** Titles in a file; "*" stands for what differs from one to another. */
type Shown = Record<string, readonly string[]>;

interface Statement {
  /** The names of libzmq's tests of it. */
  readonly of: string;
  readonly says: string;
  /** What shows it, or why nothing does. */
  readonly by: Shown | string;
}

const REQREP = "sockets/request_reply_test.ts";
const ROUTER = "sockets/dealer_router_test.ts";
const PIPELINE = "sockets/push_pull_test.ts";
const QUEUES = "sockets/backpressure_test.ts";
const PUBSUB = "sockets/publish_subscribe_test.ts";
const XPUB = "sockets/xpub_xsub_test.ts";
const CONNECTIONS = "sockets/connections_test.ts";
const INPROC = "sockets/inproc_test.ts";
const STREAM = "sockets/stream_test.ts";
const EVENTS = "sockets/events_test.ts";
const NUMBERED = "sockets/numbered_test.ts";
const CONTEXT = "sockets/context_test.ts";
const PROXY = "sockets/proxy_test.ts";
const CLOSING = "sockets/closing_test.ts";
const WIRE = "zmtp/connection_test.ts";
const ALL = "checklist/checklist_test.ts";
const HERE = "statements/request_reply_test.ts";
const MORE = "statements/queues_test.ts";
const SOCKS = "transports/socks5_test.ts";
const IPC = "transports/ipc_test.ts";
const UDP = "transports/udp_test.ts";
const ENDS = "statements/endpoints_test.ts";

function says(of: string, text: string, by: Shown | string): Statement {
  return { of, says: text, by };
}

const NO_CREDENTIALS = "runtimes don't tell who a peer of ipc is";
const NO_DESCRIPTORS = "runtimes show no descriptors";

const STATEMENTS: readonly Statement[] = [
  // REQ, REP, DEALER, ROUTER, PUSH, PULL.
  says(
    "test_spec_req",
    "requests rotate over the REPs, behind an empty frame",
    {
      [REQREP]: [
        "*: requests go to the Replies in turn",
        "on the wire a request has an empty frame before it, and with correlate a number before that",
      ],
    },
  ),
  says(
    "test_spec_req",
    "a send with no peer waits, is not lost, and is EAGAIN",
    {
      [REQREP]: ["*: a request waits while there is nobody to ask"],
      "sockets/waiting_test.ts": [
        "timeouts of option and call end a wait with EAGAIN, and the process is kept alive for them",
      ],
    },
  ),
  says("test_spec_req", "replies of others than who was asked never surface", {
    "patterns/request_reply_test.ts": [
      "REQ takes a reply from the peer it asked, once, and from no other",
    ],
  }),
  says("test_spec_rep", "a REP serves in turn and returns the whole envelope", {
    [REQREP]: [
      "*: a Reply serves those who ask in turn, and answers each its own",
      "a Reply gives the whole envelope back, and drops a message that has none",
    ],
  }),
  says(
    "test_invalid_rep",
    "only an id frame reaches nobody; the next reply does",
    {
      [HERE]: [
        "a reply that is only a name is lost, and the next one arrives, over *",
      ],
    },
  ),
  says(
    "test_req_correlate",
    "the id has 4 bytes; a reply with id+1 is skipped",
    {
      [HERE]: [
        "a reply with another number is skipped, and the right one taken, over *",
      ],
    },
  ),
  says("test_req_relaxed", "a new request is legal; a late reply is dropped", {
    [REQREP]: ["*: relaxed allows a new request, and the old reply is dropped"],
  }),
  says(
    "test_req_relaxed",
    "the rotation returns to the first; stale replies are eaten; a queued request is superseded",
    {
      [HERE]: [
        "a relaxed Request asks five services in turn, and takes the last's reply only, over *",
        "a relaxed request that waits for its peer is superseded, over *",
      ],
    },
  ),
  says("test_reqrep_tcp, _inproc", "frames keep their boundaries both ways", {
    [REQREP]: ["*: requests and replies of several frames go back and forth"],
  }),
  says("test_reqrep_ipc", "the same over ipc", {
    [REQREP]: ["*: requests and replies of several frames go back and forth"],
  }),
  says("test_reqrep_device", "a bridge of ROUTER and DEALER works", {
    [ROUTER]: [
      "a bridge of Router and Dealer carries Request and Reply, over *",
    ],
  }),
  says("test_spec_dealer", "round-robin out, fair in, waits without a peer", {
    [ROUTER]: [
      "a Dealer waits without a peer and spreads its messages over several, over *",
    ],
    [HERE]: ["a Dealer takes from its peers in turn, over *"],
  }),
  says(
    "test_spec_router",
    "the DEALER's id comes first; five are served fairly",
    {
      [ROUTER]: [
        "a Router gives each message the name of its Dealer, over *",
        "five Dealers are served in turn, over *",
      ],
    },
  ),
  says(
    "test_spec_router, _dealer, _pushpull",
    "what a peer that left had sent stays readable (the opposite is switched off in libzmq)",
    {
      [CLOSING]: [
        "messages that were received before their sender left can still be had",
      ],
    },
  ),
  says(
    "test_spec_pushpull",
    "PUSH splits evenly, PULL is fair, PUSH waits without a PULL",
    {
      [PIPELINE]: [
        "*: a Push gives each of its Pulls the same share",
        "*: a Pull takes from each of its Pushes in turn",
        "*: a send without a peer waits until one comes",
      ],
    },
  ),
  says(
    "test_probe_router",
    "the listening ROUTER gets [id, empty] and can speak first",
    {
      [ROUTER]: [
        "probeRouter makes a peer known before it says anything, over *",
      ],
      [HERE]: ["a Router that was probed can speak first, over *"],
    },
  ),
  says("test_router_mandatory", "EHOSTUNREACH only if mandatory", {
    [ROUTER]: [
      "a Router drops what is for nobody, or says EHOSTUNREACH if mandatory, over *",
      "what is known of a peer can be asked",
    ],
  }),
  says(
    "test_router_mandatory_hwm",
    "a full peer is EAGAIN, never a drop, until it is drained",
    {
      [HERE]: [
        "a mandatory Router refuses a full peer at once, drops nothing, and goes on when it is read, over *",
      ],
      [ROUTER]: [
        "a mandatory Router that waits for a full peer goes on serving others, over *",
      ],
    },
  ),
  says("test_router_handover", "the newcomer takes over, or is ignored", {
    [ROUTER]: [
      "with handover a newcomer takes the name, over *",
      "without handover a newcomer of the same name is not heard until the first has gone, over *",
    ],
  }),
  says(
    "test_router_notify",
    "values 0 to 3; each bit has its notice; others have no such option",
    {
      [HERE]: ["each bit of notify tells of its own, over *"],
      [ROUTER]: ["a Router tells of peers that come and go, over *"],
    },
  ),
  says(
    "test_router_notify",
    "no notice of a failed handshake; what was partly received goes",
    {
      [HERE]: [
        "a Router says nothing of who failed the handshake",
        "of a message that its sender began and left nothing is seen but that he left",
      ],
    },
  ),
  says(
    "test_connect_rid",
    "the name is for the next connection, at once, and never for one that is not known yet",
    {
      [ROUTER]: [
        "connect gives a peer a name that can be sent to at once, over *",
      ],
      [STREAM]: [
        "a Stream that connects has the name it chose, at once, and comes back",
      ],
      [HERE]: [
        "the name that connect gives goes to that connection, not to a peer that has not said its own",
        "two Routers meet by a name that connect gave, and one that it didn't",
      ],
    },
  ),
  says("test_issue_566", "100 short-lived DEALERs are answered by name", {
    [ROUTER]: ["a hundred short-lived Dealers are each answered by name"],
  }),
  says(
    "test_term_endpoint",
    "after disconnect or unbind a send is EAGAIN; unbind ends accepted connections",
    {
      [HERE]: [
        "after a disconnect there is nobody to send to, over *",
        "after an unbind there is nobody to send to",
      ],
      [CONNECTIONS]: [
        "unbinding ends the connections that came in, and nothing else",
      ],
    },
  ),
  says("test_srcfd", "each frame tells its descriptor", NO_DESCRIPTORS),

  // HWM, blocking, queues.
  says(
    "test_hwm",
    "inproc takes 2000 by default; the marks add up; 0 is none",
    {
      [MORE]: [
        "inproc: with the default marks 2000 messages wait for a reader, and no more",
      ],
      [QUEUES]: [
        "inproc: the marks add up, and one of 0 takes all bounds away",
      ],
    },
  ),
  says(
    "test_hwm",
    "before the bind only the sender's mark counts; a message outlives its sender",
    {
      [QUEUES]: ["inproc: before the bind only the sender's mark counts"],
      [CLOSING]: [
        "a message in an unbound inproc endpoint outlives its sender",
      ],
    },
  ),
  says("test_sockopt_hwm", "changes act on live pipes and drop nothing", {
    [QUEUES]: [
      "inproc: a mark that is changed acts on the pipes there are, and drops nothing",
      "tcp: a send that waits goes on when its mark is raised",
    ],
  }),
  says("test_hwm_pubsub", "XPUB takes its mark; with NODROP nothing is lost", {
    [MORE]: [
      "an XPublisher takes as many as its mark while nobody reads, and all arrive, over *",
      "with noDrop 6000 publications at marks of 2000 say EAGAIN now and then and all arrive, over *",
    ],
  }),
  says("test_hwm_pubsub", "credit is returned as messages are read", {
    [QUEUES]: ["credit comes back as messages are read"],
  }),
  says(
    "test_xpub_nodrop",
    "at least the mark less one succeed; the next is EAGAIN; nothing is lost",
    {
      [XPUB]: ["noDrop waits for a full subscriber and loses nothing, over *"],
    },
  ),
  says("test_proxy_hwm", "a proxy pushes back", {
    [PROXY]: [
      "a proxied XPublisher with noDrop pushes back instead of buffering, over *",
    ],
  }),
  says("test_immediate", "5 of 10 messages without, all with", {
    [CONNECTIONS]: ["immediate sends to complete connections only"],
  }),
  says(
    "test_immediate",
    "losing the only peer is EAGAIN, its return restores traffic",
    {
      [CONNECTIONS]: [
        "immediate: a peer that goes leaves nothing to send to, and one that comes back does",
      ],
    },
  ),
  says("test_conflate", "the newest of 20", {
    [PIPELINE]: ["*: conflate keeps the newest message only"],
  }),
  says("test_timeo", "RCVTIMEO and SNDTIMEO", {
    "sockets/waiting_test.ts": [
      "timeouts of option and call end a wait with EAGAIN, and the process is kept alive for them",
      "a send that has run out of time is not sent later",
    ],
  }),

  // PUB and SUB.
  says("test_pubsub", "over NORM", "NORM needs a library of its own"),
  says(
    "test_sub_forward",
    "a forwarder copies subscriptions up and data down",
    {
      [XPUB]: [
        "a proxy of XSubscriber and XPublisher copies subscriptions upstream and data down",
      ],
    },
  ),
  says(
    "test_xpub_verbose",
    "once, every subscription, or every unsubscription too",
    {
      [XPUB]: [
        "an XPublisher reports the first subscription and the last unsubscription, over *",
        "verbosity reports every subscription, and every unsubscription, over *",
      ],
    },
  ),
  says(
    "test_xpub_verbose",
    "SUB counts; nothing is sent of what isn't held; the last ends it",
    {
      [PUBSUB]: ["*: subscriptions are counted, and taken back one by one"],
      [MORE]: [
        "unsubscribing from what was never subscribed to tells nobody, and the last of two reports the end, over *",
      ],
    },
  ),
  says(
    "test_xsub_verbose",
    "every subscription, the last unsubscription, or all",
    {
      [XPUB]: [
        "an XSubscriber passes on every subscription, but only the last unsubscription, over *",
      ],
    },
  ),
  says(
    "test_xpub_manual",
    "the application binds prefixes to whom it read last",
    {
      [XPUB]: [
        "in manual mode the application decides what a subscriber gets, over *",
      ],
    },
  ),
  says(
    "test_xpub_manual",
    "who leaves takes his own words back, and nothing leaks to the next",
    {
      [XPUB]: [
        "in manual mode a subscriber that leaves takes its own words back, over *",
      ],
    },
  ),
  says("test_xpub_manual", "two that leave yield two; user messages pass", {
    [MORE]: ["in manual mode two subscribers that leave say so both, over *"],
    [XPUB]: [
      "user messages go upstream, and a Publisher throws them away, over *",
    ],
  }),
  says("test_xpub_manual_last_value", "the next send is for the new one only", {
    [XPUB]: ["the last value goes to the new subscriber only, over *"],
  }),
  says(
    "test_xpub_welcome_msg",
    "first on a connection; filtered by who didn't ask",
    {
      [XPUB]: ["a welcome is the first message of each subscriber, over *"],
      [MORE]: [
        "a Subscriber that did not ask for the welcome doesn't see it, over *",
      ],
    },
  ),
  says("test_xpub_topic", "topics of 245 and 246 bytes", {
    [PUBSUB]: ["topics of 245, 246, 255 and 256 bytes work"],
  }),
  says("test_pub_invert_matching", "all but those who hold the prefix", {
    [XPUB]: ["inverted, everybody gets what they did not ask for, over *"],
  }),
  says("test_pubsub_topics_count", "distinct prefixes", {
    [XPUB]: ["topicsCount counts different prefixes, over *"],
  }),
  says(
    "test_mock_pub_sub",
    "messages to 3.0, commands to 3.1, either from both",
    {
      [WIRE]: [
        "subscriptions are commands to a 3.1 peer, messages to a 3.0 peer",
        "a publisher takes subscriptions as commands, others ignore them",
      ],
      [CONNECTIONS]: [
        "a peer of ZMTP 3.0 subscribes and is subscribed to by messages",
      ],
    },
  ),
  says(
    "test_disconnect_inproc",
    "three publications, then the unsubscription",
    {
      [INPROC]: ["a subscriber that leaves takes its subscriptions with it"],
      [MORE]: [
        "disconnecting makes an XPublisher read the unsubscription, over *",
      ],
    },
  ),
  says(
    "src/xsub.cpp",
    "subscriptions and joins are told again after a reconnect",
    {
      [PUBSUB]: [
        "a Subscriber tells a publisher that comes back all that it wants",
      ],
      [XPUB]: [
        "an XSubscriber subscribes again after a reconnect, without the application",
      ],
      [NUMBERED]: ["a Dish joins again after a reconnect"],
    },
  ),

  // Connect, bind, endpoints, inproc.
  says("test_bind_after_connect_tcp", "what was sent before arrives in order", {
    [PIPELINE]: [
      "*: connect comes before bind, and what was sent meanwhile arrives",
    ],
  }),
  says(
    "test_inproc_connect",
    "connect before bind; PUB drops; 10 connects to one bind",
    {
      [INPROC]: [
        "ten connects meet one bind, whichever comes first",
        "what a Publisher sends before the bind is nobody's",
      ],
    },
  ),
  says(
    "test_inproc_connect",
    "many at once; terminating with unbound connects doesn't hang",
    {
      [INPROC]: ["fifty connects and binds in any order all meet"],
      [ENDS]: [
        "terminating a context with connects that nobody has bound does not hang",
        "terminating a context under a connect that is being made is safe",
      ],
    },
  ),
  says(
    "test_inproc_connect",
    "an unbound name is free; three frames at a ROUTER",
    {
      [ENDS]: [
        "an inproc name that was unbound can be bound by another socket",
        "inproc: a Router gets three frames of a Dealer's two",
      ],
    },
  ),
  says("test_term_endpoint", "unbind with a wildcard is ENOENT", {
    [ALL]: ["unbind and disconnect take what was bound and connected, once"],
  }),
  says(
    "test_unbind_wildcard",
    "a wildcard's last endpoint can be connected to and unbound",
    {
      [CONNECTIONS]: [
        "a host of * is every interface, and what lastEndpoint says can be connected to and unbound",
        "with ipv6 a host of * takes both families, in brackets",
      ],
      [ENDS]: [
        "with ipv6 an IPv4 address is unbound by what lastEndpoint gave",
      ],
    },
  ),
  says("test_last_endpoint", "each bind and connect overwrites it", {
    [ENDS]: ["each bind and connect is the last endpoint"],
  }),
  says(
    "test_ipc_wildcard, test_abstract_ipc, test_rebind_ipc",
    "ipc names",
    {
      [IPC]: [
        "ipc://* is a new socket that lastEndpoint names; unbinding removes it and its folder",
        "abstract names work where they can, and are ENOTSUP elsewhere",
        "one who closes and another who binds at once don't meet, though of two contexts",
      ],
    },
  ),
  says("test_use_fd", "a bound descriptor is adopted", NO_DESCRIPTORS),
  says(
    "test_bind_src_address",
    "a source address before the target",
    {
      [SOCKS]: [
        "a connection comes from the source address that was given before a semicolon",
      ],
    },
  ),
  says("test_connect_resolve", "names connect at once; nonsense is refused", {
    [CONNECTIONS]: [
      "a name that isn't there doesn't throw: it is looked up again at each attempt",
    ],
    [ENDS]: ["names and addresses of both families connect at once"],
  }),
  says(
    "test_reconnect_ivl",
    "-1 is never; an explicit connect restores traffic",
    {
      [CONNECTIONS]: [
        "with a reconnect interval of -1 nobody comes back by himself",
      ],
    },
  ),
  says(
    "test_reconnect_options",
    "the order of events of a loss and a recovery",
    {
      [EVENTS]: [
        "when the listener goes a connector sees disconnect and retries until it is back",
      ],
    },
  ),
  says("test_reconnect_options", "RECONNECT_STOP", {
    [ENDS]: [
      "reconnectStop 1 ends with the first connection that is refused",
      "reconnectStop 2 ends with the first handshake that fails",
      "reconnectStop 4 ends what was disconnected, though messages wait for it",
    ],
  }),
  says(
    "test_tcp_accept_filter",
    "bad ranges are EINVAL; null clears; others are never served",
    {
      [ENDS]: ["tcpAcceptFilter serves those it lists, and nobody else"],
    },
  ),
  says("test_filter_ipc", "uid, gid, pid", NO_CREDENTIALS),

  // STREAM, raw peers, framing.
  says(
    "test_stream",
    "a DEALER's greeting and READY byte by byte; the address on each frame",
    {
      [STREAM]: ["a Stream meets a Dealer byte by byte"],
      [ENDS]: ["a Stream tells the address of its peer with each message"],
    },
  ),
  says("test_stream, test_stream_exceeds_buffer", "64,000 and 8193 bytes", {
    [STREAM]: ["a Stream meets a Dealer byte by byte"],
    [ENDS]: ["8193 bytes to a Stream are all there"],
  }),
  says(
    "test_stream_disconnect",
    "notices on both sides; the id as an option; an empty frame closes",
    {
      [STREAM]: [
        "a Stream hears of a connection, its bytes and its end",
        "two Streams see each other come and go",
      ],
    },
  ),
  says("test_stream_empty", "closing a half-open ZMTP peer is safe", {
    [ENDS]: [
      "a Stream may close a peer that is in the middle of a handshake",
    ],
  }),
  says("test_stream_timeout", "a silent peer is dropped after HANDSHAKE_IVL", {
    [ENDS]: [
      "a silent peer is dropped when the handshake takes too long, on either side",
    ],
  }),
  says("test_bind_fuzzer and the like", "arbitrary bytes never crash", {
    "sockets/hostile_test.ts": [
      "a crowd of hostile peers costs no memory, and others are served meanwhile",
    ],
  }),

  // Heartbeat, hello, disconnect, monitor.
  says("test_heartbeats", "a silent peer is dropped, one that answers isn't", {
    [CONNECTIONS]: [
      "heartbeats give up a peer that is silent and keep one that answers",
    ],
  }),
  says("test_heartbeats", "PONG echoes up to 16 bytes of context", {
    [WIRE]: ["a PING is answered with its context, cut to 16 bytes"],
  }),
  says("test_heartbeats", "the time to live, and its bounds", {
    [CONNECTIONS]: [
      "a time to live makes the other side hang up when we fall silent",
    ],
    "base/options_test.ts": [
      "a heartbeat's time to live is rounded down to 100 ms",
    ],
  }),
  says("test_hello_msg", "first over tcp and inproc, and on a late bind", {
    [NUMBERED]: ["a hello is the first message of each connection, over *"],
    [ENDS]: ["a hello is heard by both when the bind comes late, over *"],
  }),
  says(
    "test_disconnect_msg",
    "a SERVER hears of a CLIENT's end and disconnect",
    {
      [NUMBERED]: [
        "a Server that asked for it hears when a Client has gone, over *",
      ],
      [ENDS]: ["a Server hears of a Client that disconnects, over *"],
    },
  ),
  says("test_hiccup_msg", "a CLIENT hears when the SERVER closes", {
    [NUMBERED]: ["a Client that asked for it hears when its connection breaks"],
  }),
  says(
    "test_monitor",
    "the forms of monitor messages",
    "events are objects here, without a monitor socket; queue lengths are in stats()",
  ),
  says("test_monitor", "the order of events", {
    [EVENTS]: [
      "a listener sees bind, accept, handshake; a connector connect:delay, connect, handshake",
      "a listener sees disconnect when its peer leaves, close and end when it is closed",
    ],
  }),

  // Drafts.
  says(
    "test_client_server, test_thread_safe",
    "numbers, single frames, THREAD_SAFE is 1",
    {
      [NUMBERED]: ["a Server knows its Clients by numbers, over *"],
      [ENDS]: ["messages of Client and Server are one frame, over *"],
      [ALL]: ["it says its type, and what it can't do it doesn't have"],
    },
  ),
  says(
    "test_peer, test_peer_disconnect",
    "a number at once; EHOSTUNREACH after the end",
    {
      [NUMBERED]: [
        "Peers give each other numbers, at once when they connect, over *",
      ],
      [ENDS]: [
        "a Peer that was disconnected can't be sent to by its number, over *",
      ],
    },
  ),
  says("test_channel", "single frames both ways", {
    "sockets/pair_test.ts": [
      "a Channel takes messages of one frame only, over *",
    ],
  }),
  says("test_scatter_gather", "an even split", {
    [NUMBERED]: ["Scatter spreads single frames evenly over Gathers, over *"],
  }),
  says("test_radio_dish", "joined groups only, live; bad joins are EINVAL", {
    [NUMBERED]: [
      "a Dish hears the groups it has joined, and only those, over *",
      "joining twice, leaving what was not joined and long names are EINVAL",
    ],
  }),
  says("test_radio_dish", "over udp: unicast, multicast, IPv6, roles, loop", {
    [UDP]: [
      "a Dish gets the groups that it joined, from a Radio over udp",
      "a group is heard by several Dishes on one port",
      "a Radio and a Dish speak IPv6 when they may",
      "udp takes a Radio that connects, a Dish and a Datagram that bind, and nobody else",
      "multicastLoop and multicastHops reach the socket, and hosts that lose datagrams lose messages, in a simulated world",
    ],
  }),
  says(
    "test_dgram, unittest_udp_address",
    "datagrams, and forms of addresses",
    {
      [UDP]: [
        "two Datagrams send to each other by address",
        "addresses of udp that break a rule are refused",
      ],
    },
  ),
  says("test_app_meta", "properties of one's own, and which are refused", {
    "sockets/metadata_test.ts": [
      "a message can be received with what its peer said of itself",
      "metadata is set as an object, or one by one as libzmq does",
    ],
  }),
  says("test_metadata", "without ZAP: Socket-Type and Peer-Address", {
    "sockets/metadata_test.ts": [
      "a message can be received with what its peer said of itself",
      "within the process there are no properties",
    ],
  }),

  // Context, proxy, poll.
  says(
    "test_ctx_destroy",
    "shutdown wakes who waits with ETERM, and new sockets fail",
    {
      [ALL]: ["a context that is terminated ends it with ETERM"],
      [CONTEXT]: [
        "terminating tells everybody who waits ETERM, and waits for what was accepted",
      ],
    },
  ),
  says("test_ctx_options", "defaults, limits, what sockets inherit", {
    [CONTEXT]: [
      "the options of a context have libzmq's defaults and bounds",
      "new sockets take ipv6, linger and maxMessageSize from their context",
    ],
  }),
  says("test_many_sockets", "too many is an error, closing frees places", {
    [CONTEXT]: [
      "more sockets than allowed are EMFILE, and closing one makes room",
    ],
  }),
  says(
    "test_setsockopt, test_getsockopt_memset",
    "defaults of buffers and device",
    {
      [ENDS]: ["kernel buffers and interface are the system's unless set"],
    },
  ),
  says(
    "test_socket_null",
    "NULL sockets",
    "there are no null sockets; what is closed says EBADF",
  ),
  says(
    "test_proxy, test_proxy_steerable",
    "statistics, pause without loss, commands",
    {
      [PROXY]: [
        "a proxy carries requests and replies, counts and shows them, over *",
        "a paused proxy passes nothing and loses nothing, over *",
        "a proxy obeys its control socket, over *",
      ],
    },
  ),
  says("test_proxy_single_socket", "front and back may be one", {
    [PROXY]: ["a proxy between a socket and itself echoes"],
  }),
  says("test_proxy_terminate", "ends though a back end is unread", {
    [PROXY]: [
      "a proxy ends with its signal, with its socket, and with its context",
    ],
    [MORE]: [
      "a proxy whose back end nobody reads ends with its sockets, over *",
    ],
  }),
  says("test_poller, test_zmq_poll_fd", "waiting for several", {
    "sockets/receive_any_test.ts": [
      "receiveAny takes from whichever has a message, in turn, over *",
      "receiveAny ends by time, by signal, and when sockets are closed",
    ],
    [ENDS]: ["receiveAny takes the same socket twice for one, over *"],
  }),
  says(
    "test_timers, test_atomics, test_base85, test_sodium, test_msg_ffn, test_msg_init, test_msg_flags, test_iov",
    "utilities of C",
    "JavaScript has its own",
  ),
];

/** Titles of tests that a file registers, with what differs as "*". */
function titlesOf(file: string): Set<string> {
  const source = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
  const calls = /\b(?:test|each)\(\s*(["`])((?:\\.|(?!\1)[^])*)\1/g;
  const titles = [...source.matchAll(calls)]
    .map(([, , title]) => title.replace(/\$\{[^}]*\}/g, "*"));
  return new Set(titles);
}

test("each statement has a test that exists, or says why it has none", () => {
  const files = new Map<string, Set<string>>();
  const missing: string[] = [];
  for (const { of, says, by } of STATEMENTS) {
    if (typeof by === "string") {
      assert.ok(by.length > 0, says);
      continue;
    }
    for (const [file, titles] of Object.entries(by)) {
      if (!files.has(file)) files.set(file, titlesOf(file));
      for (const title of titles) {
        if (!files.get(file)!.has(title)) {
          missing.push(`${of}: ${says}: no "${title}" in ${file}`);
        }
      }
    }
  }
  assert.deepEqual(missing, []);
});

test("every test of statements is shown for a statement", () => {
  const shown = new Set(
    STATEMENTS.flatMap(({ by }) =>
      typeof by === "string" ? [] : Object.values(by).flat()
    ),
  );
  for (const file of [HERE, MORE, ENDS]) {
    for (const title of titlesOf(file)) {
      assert.ok(shown.has(title) || EXTRA.includes(title), title);
    }
  }
});

/** Tests beyond the statements. */
const EXTRA = [
  "a Subscriber and an XSubscriber that never asked get nothing, over *",
  "closing sockets makes room for others where there were too many",
  "reconnectStop 4 lets a socket that is closed linger",
];
