/* The rival: libzmq, driven by the plainest loop there is.
 *
 *   libzmq version
 *   libzmq push ENDPOINT SIZE COUNT     connects and sends
 *   libzmq pull SIZE COUNT              binds, says where, receives, says how long
 *   libzmq req  ENDPOINT SIZE COUNT     connects, goes round COUNT times, says how long
 *   libzmq rep  COUNT                   binds, says where, echoes
 *
 * Lines on standard output: "endpoint tcp://..." and "ns N". A puller's time runs
 * from the first message to the last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

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

static void bind_and_say(void *socket)
{
    char endpoint[256];
    size_t length = sizeof endpoint;
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "bind");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &length) == 0,
         "last endpoint");
    printf("endpoint %s\n", endpoint);
    fflush(stdout);
}

static void push(void *context, const char *endpoint, size_t size, long count)
{
    void *socket = zmq_socket(context, ZMQ_PUSH);
    char *body = calloc(size ? size : 1, 1);
    must(zmq_connect(socket, endpoint) == 0, "connect");
    for (long i = 0; i < count; i++)
        must(zmq_send(socket, body, size, 0) >= 0, "send");
    zmq_close(socket);
    free(body);
}

static void pull(void *context, size_t size, long count)
{
    void *socket = zmq_socket(context, ZMQ_PULL);
    zmq_msg_t message;
    long long began = 0;
    bind_and_say(socket);
    zmq_msg_init(&message);
    for (long i = 0; i < count; i++) {
        must(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        if (zmq_msg_size(&message) != size) {
            fprintf(stderr, "a message of %zu bytes\n", zmq_msg_size(&message));
            exit(1);
        }
        if (i == 0)
            began = now_ns();
    }
    printf("ns %lld\n", now_ns() - began);
    zmq_msg_close(&message);
    zmq_close(socket);
}

static void req(void *context, const char *endpoint, size_t size, long count)
{
    void *socket = zmq_socket(context, ZMQ_REQ);
    char *body = calloc(size ? size : 1, 1);
    zmq_msg_t message;
    must(zmq_connect(socket, endpoint) == 0, "connect");
    zmq_msg_init(&message);
    long long began = 0;
    /* The first tenth is for warming up. */
    for (long i = -count / 10; i < count; i++) {
        if (i == 0)
            began = now_ns();
        must(zmq_send(socket, body, size, 0) >= 0, "send");
        must(zmq_msg_recv(&message, socket, 0) == (int) size, "receive");
    }
    printf("ns %lld\n", now_ns() - began);
    zmq_msg_close(&message);
    zmq_close(socket);
    free(body);
}

static void rep(void *context, long count)
{
    void *socket = zmq_socket(context, ZMQ_REP);
    zmq_msg_t message;
    bind_and_say(socket);
    zmq_msg_init(&message);
    for (long i = -count / 10; i < count; i++) {
        must(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        must(zmq_msg_send(&message, socket, 0) >= 0, "send");
    }
    zmq_msg_close(&message);
    zmq_close(socket);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "version") == 0) {
        int major, minor, patch;
        zmq_version(&major, &minor, &patch);
        printf("%d.%d.%d\n", major, minor, patch);
        return 0;
    }
    void *context = zmq_ctx_new();
    if (strcmp(mode, "push") == 0 && argc == 5)
        push(context, argv[2], strtoull(argv[3], 0, 10), atol(argv[4]));
    else if (strcmp(mode, "pull") == 0 && argc == 4)
        pull(context, strtoull(argv[2], 0, 10), atol(argv[3]));
    else if (strcmp(mode, "req") == 0 && argc == 5)
        req(context, argv[2], strtoull(argv[3], 0, 10), atol(argv[4]));
    else if (strcmp(mode, "rep") == 0 && argc == 3)
        rep(context, atol(argv[2]));
    else {
        fprintf(stderr, "usage: see the head of libzmq.c\n");
        return 2;
    }
    zmq_ctx_term(context);
    return 0;
}
