/* Strangers for the benchmark flood: so many connections a second, each of which says
 * what it is told to and goes when it is hung up on. In C, so that what they take of the
 * two cores is little beside what they cost the server.
 *
 *     strangers PORT A_SECOND HEX
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 512, MOST_OPEN = 800 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: strangers PORT A_SECOND HEX\n");
        return 2;
    }
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    double rate = atof(argv[2]);
    size_t length = strlen(argv[3]) / 2;
    unsigned char *words = malloc(length);
    for (size_t i = 0; i < length; i++) sscanf(argv[3] + 2 * i, "%2hhx", words + i);
    int poll = epoll_create1(0);
    double began = now();
    long come = 0, open = 0;
    for (;;) {
        long due = (now() - began) * rate;
        /* Who can't come now doesn't come later. */
        for (; come < due; come++) {
            if (open >= MOST_OPEN) continue;
            int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            if (fd < 0) continue;
            if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 &&
                errno != EINPROGRESS) {
                close(fd);
                continue;
            }
            struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
            open++;
        }
        struct epoll_event events[AT_ONCE];
        int count = epoll_wait(poll, events, AT_ONCE, 2);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            char rest[4096];
            if (events[i].events & EPOLLOUT) {
                if (send(fd, words, length, MSG_NOSIGNAL) == (ssize_t)length) {
                    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
                    epoll_ctl(poll, EPOLL_CTL_MOD, fd, &event);
                    continue;
                }
            } else if (recv(fd, rest, sizeof rest, 0) > 0) continue;
            close(fd);
            open--;
        }
    }
}
