/* The rival: libzmq, driven by the plainest loop there is.
 *
 * The modes are those of the table at the end, with its arguments; `libzmq version`
 * says which it is. SIZE is bytes of a message; WARM messages go before the COUNT
 * that are timed. It says "endpoint tcp://…" where it bound, and "measured N NS":
 * the clock starts at the first message after the warm-up, and N came after that.
 * `cast` and `hear` are PUB and SUB over epgm, which count by phases (phases.ts).
 * Linked with glibc, whose threads are part of it.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static void *context;
static const char *endpoint;
static size_t size;
static long warm, count, peers;

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static void say(const char *line)
{
    puts(line);
    fflush(stdout);
}

static void measured(long n, long long began)
{
    printf("measured %ld %lld\n", n, now_ns() - began);
    fflush(stdout);
}

/* What may follow "@" in a mode: another transport, or CURVE. */
static const char *how = "tcp";

/* The keys of libzmq's own documentation; nobody's. */
static void hide(void *socket, int server)
{
    int on = 1;
    const char *public_key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    const char *secret_key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
    if (strcmp(how, "curve") != 0)
        return;
    if (server)
        must(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0, "curve");
    else {
        must(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 41) == 0, "curve");
        must(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41) == 0, "curve");
    }
    must(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41) == 0, "curve");
}

static void *bound(int type)
{
    char line[256] = "endpoint ";
    size_t length = sizeof line - 9;
    void *socket = zmq_socket(context, type);
    hide(socket, 1);
    must(zmq_bind(socket, strcmp(how, "ipc") == 0 ? "ipc://*" : "tcp://127.0.0.1:*") == 0,
         "bind");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, line + 9, &length) == 0,
         "last endpoint");
    say(line);
    return socket;
}

static void *connected(int type)
{
    void *socket = zmq_socket(context, type);
    hide(socket, 0);
    must(zmq_connect(socket, endpoint) == 0, "connect");
    return socket;
}

static void send_all(void *socket)
{
    char *body = calloc(size ? size : 1, 1);
    for (long i = 0; i < warm + count; i++)
        must(zmq_send(socket, body, size, 0) >= 0, "send");
    free(body);
}

/* Receives a message of so many frames, of which the last is of our size. */
static void receive_one(void *socket, zmq_msg_t *message, int frames)
{
    for (int i = 0; i < frames; i++)
        must(zmq_msg_recv(message, socket, 0) >= 0, "receive");
    if (zmq_msg_size(message) != size || zmq_msg_more(message)) {
        fprintf(stderr, "a message of %zu bytes\n", zmq_msg_size(message));
        exit(1);
    }
}

static void receive_all(void *socket, int frames)
{
    zmq_msg_t message;
    long long began = 0;
    zmq_msg_init(&message);
    for (long i = 0; i < warm + count; i++) {
        receive_one(socket, &message, frames);
        if (i == warm)
            began = now_ns();
    }
    measured(count - 1, began);
    zmq_msg_close(&message);
}

static void push(void)
{
    void *socket = connected(ZMQ_PUSH);
    send_all(socket);
    zmq_close(socket);
}

static void pull(void)
{
    void *socket = bound(ZMQ_PULL);
    receive_all(socket, 1);
    zmq_close(socket);
}

static void req(void)
{
    void *socket = connected(ZMQ_REQ);
    char *body = calloc(size ? size : 1, 1);
    zmq_msg_t message;
    long long began = 0;
    zmq_msg_init(&message);
    for (long i = 0; i < warm + count; i++) {
        if (i == warm)
            began = now_ns();
        must(zmq_send(socket, body, size, 0) >= 0, "send");
        receive_one(socket, &message, 1);
    }
    measured(count, began);
    zmq_msg_close(&message);
    zmq_close(socket);
    free(body);
}

static void rep(void)
{
    void *socket = bound(ZMQ_REP);
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (long i = 0; i < warm + count; i++) {
        must(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        must(zmq_msg_send(&message, socket, 0) >= 0, "send");
    }
    zmq_msg_close(&message);
    zmq_close(socket);
}

/* Empty messages, until we are told that every subscriber has had one. */
static void pub(void)
{
    void *socket = zmq_socket(context, ZMQ_PUB);
    int on = 1;
    char line[256] = "endpoint ";
    size_t length = sizeof line - 9;
    struct pollfd input = {0, POLLIN, 0};
    must(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "nodrop");
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "bind");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, line + 9, &length) == 0,
         "last endpoint");
    say(line);
    while (poll(&input, 1, 5) == 0)
        must(zmq_send(socket, "", 0, 0) >= 0, "send");
    send_all(socket);
    zmq_close(socket);
}

static void subs(void)
{
    void **sockets = calloc(peers, sizeof *sockets);
    char *tuned = calloc(peers, 1);
    long *got = calloc(peers, sizeof *got);
    zmq_pollitem_t *items = calloc(peers, sizeof *items);
    long ready = 0, all = 0, most = (warm + count) * peers;
    long long began = 0;
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (long i = 0; i < peers; i++) {
        sockets[i] = zmq_socket(context, ZMQ_SUB);
        must(zmq_setsockopt(sockets[i], ZMQ_SUBSCRIBE, "", 0) == 0, "subscribe");
        must(zmq_connect(sockets[i], endpoint) == 0, "connect");
        items[i].socket = sockets[i];
        items[i].events = ZMQ_POLLIN;
    }
    while (all < most) {
        must(zmq_poll(items, peers, -1) >= 0, "poll");
        for (long i = 0; i < peers; i++) {
            if (!(items[i].revents & ZMQ_POLLIN))
                continue;
            while (zmq_msg_recv(&message, sockets[i], ZMQ_DONTWAIT) >= 0) {
                if (zmq_msg_size(&message) == size) {
                    if (all++ == warm * peers)
                        began = now_ns();
                    got[i]++;
                } else if (!tuned[i]) {
                    tuned[i] = 1;
                    if (++ready == peers)
                        say("ready");
                }
            }
        }
    }
    measured(all - warm * peers - 1, began);
    for (long i = 0; i < peers; i++) {
        must(got[i] == warm + count, "something was lost");
        zmq_close(sockets[i]);
    }
    zmq_msg_close(&message);
    free(sockets);
    free(tuned);
    free(got);
    free(items);
}

static void proxy(void)
{
    void *front = bound(ZMQ_ROUTER);
    void *back = bound(ZMQ_DEALER);
    zmq_proxy(front, back, NULL);
}

static void feed(void)
{
    void *socket = connected(ZMQ_DEALER);
    send_all(socket);
    zmq_close(socket);
}

static void work(void)
{
    void *socket = connected(ZMQ_DEALER);
    receive_all(socket, 2);
    zmq_close(socket);
}

/* The phases of phases.ts, by the first byte of a message. */
enum { TUNING, WARM, TIMED, OVER };

static void *in_group(int type)
{
    /* As nought.ts has it: a rate that nobody reaches, 100 MB for repairs, and room for
     * bursts in the kernel, as its adapters ask for. */
    int rate = 8000000, recovery = 100, room = 1048576, on = 1;
    void *socket = zmq_socket(context, type);
    must(zmq_setsockopt(socket, ZMQ_RATE, &rate, sizeof rate) == 0, "rate");
    must(zmq_setsockopt(socket, ZMQ_RECOVERY_IVL, &recovery, sizeof recovery) == 0,
         "recovery");
    must(zmq_setsockopt(socket, ZMQ_RCVBUF, &room, sizeof room) == 0, "room");
    if (type == ZMQ_SUB)
        must(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0, "subscribe");
    else
        must(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "nodrop");
    must(zmq_connect(socket, endpoint) == 0, "connect");
    return socket;
}

/* How many messages go by one "go"; the sender is two such chunks ahead at most. */
static long chunk(void)
{
    return size && size < 49152 ? 49152 / size : 1;
}

/* How often we were told "go", after a wait for so many milliseconds at most. */
static long told(int wait)
{
    static char line[4096];
    struct pollfd input = {0, POLLIN, 0};
    long times = 0;
    if (poll(&input, 1, wait) <= 0)
        return 0;
    for (ssize_t got = read(0, line, sizeof line); got > 0; got--)
        times += line[got - 1] == '\n';
    return times;
}

/* Ends when it is killed. */
static void cast(void)
{
    void *socket = in_group(ZMQ_PUB);
    char *body = calloc(size ? size : 1, 1);
    long credit, amounts[] = {0, warm, count};
    body[0] = TUNING;
    while ((credit = told(2)) == 0)
        must(zmq_send(socket, body, size, 0) >= 0, "send");
    credit++;
    for (int phase = WARM; phase <= TIMED; phase++) {
        body[0] = phase;
        for (long i = 0; i < amounts[phase]; i++) {
            if (i % chunk() == 0) {
                while (credit == 0)
                    credit += told(-1);
                credit--;
            }
            must(zmq_send(socket, body, size, 0) >= 0, "send");
        }
    }
    body[0] = OVER;
    for (;;) {
        must(zmq_send(socket, body, size, 0) >= 0, "send");
        poll(NULL, 0, 2);
    }
}

static void hear(void)
{
    void *socket = in_group(ZMQ_SUB);
    zmq_msg_t message;
    long timed = 0, got = 0;
    long long began = 0;
    int tuned = 0, phase = TUNING;
    zmq_msg_init(&message);
    while (phase != OVER) {
        receive_one(socket, &message, 1);
        phase = *(char *)zmq_msg_data(&message);
        if (phase == TIMED && timed++ == 0)
            began = now_ns();
        if (phase == TUNING && !tuned) {
            tuned = 1;
            say("ready");
        }
        if ((phase == WARM || phase == TIMED) && ++got % chunk() == 0)
            say("ready");
    }
    if (timed == 0) {
        fprintf(stderr, "all were lost\n");
        exit(1);
    }
    printf("lost %ld %ld\n", count - timed, count);
    measured(timed, began);
    zmq_msg_close(&message);
    zmq_close(socket);
}

static void *inproc_sender(void *nothing)
{
    endpoint = "inproc://bench";
    push();
    return nothing;
}

/* Two threads, as a program that uses it would have. */
static void inproc(void)
{
    pthread_t thread;
    void *socket = zmq_socket(context, ZMQ_PULL);
    must(zmq_bind(socket, "inproc://bench") == 0, "bind");
    must(pthread_create(&thread, NULL, inproc_sender, NULL) == 0, "thread");
    receive_all(socket, 1);
    pthread_join(thread, NULL);
    zmq_close(socket);
}

static const struct {
    const char *name;
    void (*run)(void);
    /* Whether an endpoint comes before SIZE WARM COUNT, and PEERS after. */
    int connects, counts;
} MODES[] = {
    {"push", push, 1, 0}, {"pull", pull, 0, 0},   {"req", req, 1, 0},
    {"rep", rep, 0, 0},   {"pub", pub, 0, 0},     {"subs", subs, 1, 1},
    {"feed", feed, 1, 0}, {"work", work, 1, 0},   {"proxy", proxy, 0, 0},
    {"inproc", inproc, 0, 0}, {"cast", cast, 1, 0}, {"hear", hear, 1, 0},
};

int main(int argc, char **argv)
{
    char *mode = argc > 1 ? argv[1] : "";
    char *variant = strchr(mode, '@');
    if (variant) {
        *variant = 0;
        how = variant + 1;
    }
    if (strcmp(mode, "version") == 0) {
        int major, minor, patch;
        zmq_version(&major, &minor, &patch);
        printf("%d.%d.%d\n", major, minor, patch);
        return 0;
    }
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        int at = 2;
        if (strcmp(mode, MODES[i].name) != 0 ||
            argc != 5 + MODES[i].connects + MODES[i].counts)
            continue;
        if (MODES[i].connects)
            endpoint = argv[at++];
        size = strtoull(argv[at++], 0, 10);
        warm = atol(argv[at++]);
        count = atol(argv[at++]);
        if (MODES[i].counts)
            peers = atol(argv[at++]);
        context = zmq_ctx_new();
        MODES[i].run();
        zmq_ctx_term(context);
        return 0;
    }
    fprintf(stderr, "usage: see the table in libzmq.c\n");
    return 2;
}
