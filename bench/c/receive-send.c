/*
 * Sends extended records over UDP at a steady rate, so that a receiver can be measured.
 *
 *   receive-send ADDRESS PORT RATE SECONDS BYTES [SOURCES]
 *
 * Each datagram has the next seq of its source and a stamp that moves on. Prints how many datagrams were sent, how many the socket
 * refused, and the processor time that took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 32, ROOM = 2048, SOURCES_MAX = 64 };

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* User and system time of this process. */
static double cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	static char text[BATCH][ROOM];
	static struct mmsghdr messages[BATCH];
	static struct iovec iov[BATCH];
	unsigned long long seqs[SOURCES_MAX], sent = 0, refused = 0;
	struct sockaddr_in to = { .sin_family = AF_INET };
	double start, rate, seconds;
	int bytes, fds[SOURCES_MAX], size = 4 << 20, next = 0;
	int sources = argc > 6 ? atoi(argv[6]) : 1;

	if (argc < 6 || argc > 7 || atoi(argv[5]) > ROOM || sources < 1 || sources > SOURCES_MAX) {
		fprintf(stderr, "usage: receive-send ADDRESS PORT RATE SECONDS BYTES [SOURCES]\n");
		return 2;
	}
	to.sin_port = htons(atoi(argv[2]));
	inet_pton(AF_INET, argv[1], &to.sin_addr);
	rate = atof(argv[3]);
	seconds = atof(argv[4]);
	bytes = atoi(argv[5]);
	for (int i = 0; i < sources; i++) {
		seqs[i] = 1;
		fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		if (connect(fds[i], (struct sockaddr *)&to, sizeof(to))) {
			perror("connect");
			return 1;
		}
	}
	for (int i = 0; i < BATCH; i++) {
		iov[i].iov_base = text[i];
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	start = now();
	while (now() - start < seconds) {
		if (sent + refused + BATCH > (now() - start) * rate) {
			struct timespec nap = { 0, 20000 };

			nanosleep(&nap, NULL);
			continue;
		}
		int source = next++ % sources;
		unsigned long long seq = seqs[source];

		for (int i = 0; i < BATCH; i++, seq++) {
			int n = sprintf(text[i], "6,%llu,%llu,-;", seq, seq * 5);

			memset(text[i] + n, 'x', bytes - n);
			text[i][bytes - 1] = '\n';
			iov[i].iov_len = bytes;
		}
		int done = sendmmsg(fds[source], messages, BATCH, 0);

		if (done < 0)
			done = 0;
		sent += done;
		refused += BATCH - done;
		seqs[source] += done;
	}
	printf("{\"sent\": %llu, \"refused\": %llu, \"seconds\": %.3f, \"cpuSeconds\": %.3f}\n", sent, refused, now() - start, cpu());
	return 0;
}
