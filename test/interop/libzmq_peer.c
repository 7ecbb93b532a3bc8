/* libzmq sockets that a test drives, a line at a time.
 *
 *   libzmq_peer version
 *   libzmq_peer TYPE bind|connect ENDPOINT     e.g. push bind tcp://127.0.0.1:*
 *   libzmq_peer many
 *
 * With a type there is one socket. It says "endpoint tcp://..." and then takes
 * lines from standard input:
 *
 *   send FRAME...     sends one message, and says "sent"
 *   recv              receives one message, and says "got FRAME..."
 *   subscribe FRAME   (SUB) says "subscribed"
 *   quit              closes, sending what waits, and ends
 *
 * With "many" there are as many as are asked for, each with a number that comes
 * before the other words of these lines, and of those that exist only here:
 *
 *   open N TYPE            says "opened"
 *   int N OPTION VALUE     sets an option by its number, and says "set"
 *   bytes N OPTION FRAME   the same
 *   bind N ENDPOINT        says "endpoint tcp://..."
 *   connect N ENDPOINT     says "endpoint tcp://..."
 *   about N PROPERTY...    receives a message, and says "about FRAME...": what its
 *                          peer said of itself, "!" for what it didn't say
 *   idle N MILLISECONDS    says "idle" if no message comes in that time, or "busy"
 *   close N                says "closed"
 *
 * What fails says "failed ERRNO"; a receive fails after 15 seconds.
 *
 * A frame is in hexadecimal, "-" if it is empty, or "*N" for N bytes of a pattern.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define WORDS 64
#define SOCKETS 256
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

static char *word[WORDS];
static int words;
static void *sockets[SOCKETS];

static void say(int ok, const char *what)
{
    if (ok)
        printf("%s\n", what);
    else
        printf("failed %d\n", zmq_errno());
}

static void send_words(void *socket, int first)
{
    for (int i = first; i < words; i++) {
        zmq_msg_t message;
        parse(word[i], &message);
        if (zmq_msg_send(&message, socket, i + 1 < words ? ZMQ_SNDMORE : 0) < 0) {
            printf("failed %d\n", zmq_errno());
            zmq_msg_close(&message);
            return;
        }
    }
    printf("sent\n");
}

/* Receives a message and says its frames, or what is known of its peer. */
static void receive(void *socket, int about)
{
    int more, first = 1;
    do {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, socket, 0) < 0) {
            printf("failed %d\n", zmq_errno());
            return;
        }
        more = zmq_msg_more(&message);
        if (!about) {
            if (first)
                printf("got");
            print(&message);
        } else if (first) {
            printf("about");
            for (int i = about; i < words; i++) {
                const char *value = zmq_msg_gets(&message, word[i]);
                printf(" ");
                if (!value)
                    printf("!");
                else if (!*value)
                    printf("-");
                else
                    for (; *value; value++)
                        printf("%02x", (unsigned char) *value);
            }
        }
        first = 0;
        zmq_msg_close(&message);
    } while (more);
    printf("\n");
}

static void set(void *socket, int option, const char *value)
{
    zmq_msg_t message;
    parse(value, &message);
    say(zmq_setsockopt(socket, option, zmq_msg_data(&message),
                       zmq_msg_size(&message)) == 0,
        option == ZMQ_SUBSCRIBE ? "subscribed" : "set");
    zmq_msg_close(&message);
}

static void say_endpoint(void *socket, int done)
{
    char endpoint[256];
    size_t length = sizeof endpoint;
    if (done && zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &length) == 0)
        printf("endpoint %s\n", endpoint);
    else
        printf("failed %d\n", zmq_errno());
}

static void open_socket(void *context, int number, const char *type)
{
    int limit = 15000, none = 0;
    void *socket = sockets[number] = zmq_socket(context, type_of(type));
    must(socket != NULL, "socket");
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    printf("opened\n");
}

static void split(char *line)
{
    line[strcspn(line, "\n")] = 0;
    words = 0;
    for (char *w = strtok(line, " "); w && words < WORDS; w = strtok(NULL, " "))
        word[words++] = w;
}

/* Does what the line says to one of many sockets. */
static void obey_many(void *context)
{
    const char *what = word[0];
    if (words < 2)
        return;
    int number = atoi(word[1]);
    void *socket = sockets[number];
    if (strcmp(what, "open") == 0)
        open_socket(context, number, word[2]);
    else if (strcmp(what, "int") == 0) {
        int value = atoi(word[3]);
        say(zmq_setsockopt(socket, atoi(word[2]), &value, sizeof value) == 0, "set");
    } else if (strcmp(what, "bytes") == 0)
        set(socket, atoi(word[2]), word[3]);
    else if (strcmp(what, "bind") == 0)
        say_endpoint(socket, zmq_bind(socket, word[2]) == 0);
    else if (strcmp(what, "connect") == 0)
        say_endpoint(socket, zmq_connect(socket, word[2]) == 0);
    else if (strcmp(what, "send") == 0)
        send_words(socket, 2);
    else if (strcmp(what, "recv") == 0)
        receive(socket, 0);
    else if (strcmp(what, "about") == 0)
        receive(socket, 2);
    else if (strcmp(what, "idle") == 0) {
        zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
        printf("%s\n", zmq_poll(&item, 1, atoi(word[2])) > 0 ? "busy" : "idle");
    } else if (strcmp(what, "close") == 0) {
        sockets[number] = NULL;
        say(zmq_close(socket) == 0, "closed");
    }
}

/* Does what the line says to the only socket. */
static void obey_one(void *socket)
{
    if (strcmp(word[0], "send") == 0)
        send_words(socket, 1);
    else if (strcmp(word[0], "recv") == 0)
        receive(socket, 0);
    else if (strcmp(word[0], "subscribe") == 0)
        set(socket, ZMQ_SUBSCRIBE, word[1]);
}

int main(int argc, char **argv)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("%d.%d.%d\n", major, minor, patch);
        return 0;
    }
    int many = argc == 2 && strcmp(argv[1], "many") == 0;
    if (!many && argc != 4)
        return 1;
    void *context = zmq_ctx_new();
    void *socket = NULL;
    if (!many) {
        socket = zmq_socket(context, type_of(argv[1]));
        if (strcmp(argv[2], "bind") == 0)
            must(zmq_bind(socket, argv[3]) == 0, "bind");
        else
            must(zmq_connect(socket, argv[3]) == 0, "connect");
        say_endpoint(socket, 1);
        fflush(stdout);
    }

    static char line[LINE];
    while (fgets(line, sizeof line, stdin)) {
        split(line);
        if (words == 0)
            continue;
        if (strcmp(word[0], "quit") == 0)
            break;
        if (many)
            obey_many(context);
        else
            obey_one(socket);
        fflush(stdout);
    }
    if (socket)
        zmq_close(socket);
    for (int i = 0; i < SOCKETS; i++)
        if (sockets[i])
            zmq_close(sockets[i]);
    zmq_ctx_term(context);
    return 0;
}
