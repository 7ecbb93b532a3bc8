/* A libzmq socket that a test drives, a line at a time.
 *
 *   libzmq_peer version
 *   libzmq_peer TYPE bind|connect ENDPOINT     e.g. push bind tcp://127.0.0.1:*
 *
 * It says "endpoint tcp://..." and then takes lines from standard input:
 *
 *   send FRAME...     sends one message, and says "sent"
 *   recv              receives one message, and says "got FRAME..."
 *   subscribe FRAME   (SUB) says "subscribed"
 *   quit              closes, sending what waits, and ends
 *
 * A frame is in hexadecimal, "-" if it is empty, or "*N" for N bytes of a pattern.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define FRAMES 64
#define LINE 65536

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static unsigned char pattern(size_t i)
{
    return (unsigned char) (i * 31 + (i >> 8) + 7);
}

static int type_of(const char *name)
{
    static const struct { const char *name; int type; } types[] = {
        {"pair", ZMQ_PAIR}, {"pub", ZMQ_PUB}, {"sub", ZMQ_SUB},
        {"req", ZMQ_REQ}, {"rep", ZMQ_REP}, {"dealer", ZMQ_DEALER},
        {"router", ZMQ_ROUTER}, {"pull", ZMQ_PULL}, {"push", ZMQ_PUSH},
        {"xpub", ZMQ_XPUB}, {"xsub", ZMQ_XSUB}, {"stream", ZMQ_STREAM},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    fprintf(stderr, "no such type: %s\n", name);
    exit(1);
}

static void parse(const char *word, zmq_msg_t *message)
{
    size_t size;
    unsigned char *data;
    if (word[0] == '*') {
        size = strtoul(word + 1, NULL, 10);
        must(zmq_msg_init_size(message, size) == 0, "memory");
        data = zmq_msg_data(message);
        for (size_t i = 0; i < size; i++)
            data[i] = pattern(i);
        return;
    }
    size = word[0] == '-' ? 0 : strlen(word) / 2;
    must(zmq_msg_init_size(message, size) == 0, "memory");
    data = zmq_msg_data(message);
    for (size_t i = 0; i < size; i++) {
        unsigned value;
        sscanf(word + 2 * i, "%2x", &value);
        data[i] = (unsigned char) value;
    }
}

static void print(zmq_msg_t *message)
{
    size_t size = zmq_msg_size(message), same = 0;
    const unsigned char *data = zmq_msg_data(message);
    if (size == 0) {
        printf(" -");
        return;
    }
    while (same < size && data[same] == pattern(same))
        same++;
    if (size > 16 && same == size) {
        printf(" *%zu", size);
        return;
    }
    printf(" ");
    for (size_t i = 0; i < size; i++)
        printf("%02x", data[i]);
}

static void send_line(void *socket, char *words)
{
    char *word[FRAMES];
    int count = 0;
    for (char *w = strtok(words, " "); w && count < FRAMES; w = strtok(NULL, " "))
        word[count++] = w;
    for (int i = 0; i < count; i++) {
        zmq_msg_t message;
        parse(word[i], &message);
        must(zmq_msg_send(&message, socket, i + 1 < count ? ZMQ_SNDMORE : 0) >= 0,
             "send");
    }
    printf("sent\n");
}

static void receive_line(void *socket)
{
    int more;
    printf("got");
    do {
        zmq_msg_t message;
        zmq_msg_init(&message);
        must(zmq_msg_recv(&message, socket, 0) >= 0, "recv");
        print(&message);
        more = zmq_msg_more(&message);
        zmq_msg_close(&message);
    } while (more);
    printf("\n");
}

int main(int argc, char **argv)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("%d.%d.%d\n", major, minor, patch);
        return 0;
    }
    if (argc != 4)
        return 1;
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, type_of(argv[1]));
    char endpoint[256];
    size_t length = sizeof endpoint;
    if (strcmp(argv[2], "bind") == 0)
        must(zmq_bind(socket, argv[3]) == 0, "bind");
    else
        must(zmq_connect(socket, argv[3]) == 0, "connect");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &length) == 0,
         "last endpoint");
    printf("endpoint %s\n", endpoint);
    fflush(stdout);

    static char line[LINE];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "send ", 5) == 0)
            send_line(socket, line + 5);
        else if (strcmp(line, "recv") == 0)
            receive_line(socket);
        else if (strncmp(line, "subscribe ", 10) == 0) {
            zmq_msg_t topic;
            parse(line + 10, &topic);
            must(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, zmq_msg_data(&topic),
                                zmq_msg_size(&topic)) == 0,
                 "subscribe");
            zmq_msg_close(&topic);
            printf("subscribed\n");
        } else if (strcmp(line, "quit") == 0)
            break;
        fflush(stdout);
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
