/*
 * The C references of the transport benchmark: sends the frames of a capture file for some seconds, then prints
 * one line of JSON: {"frames": measured, "seconds": measured, "total": all, warm-up included, "cpuSeconds": measured}.
 *
 *   send send|sendmmsg|af-xdp|pcap INTERFACE FILE SECONDS
 *
 * Frames lie as the emulator lays them: 512 slots of 2048 bytes, payload at 128. Batches of 64.
 */
#define _GNU_SOURCE
#include "frames.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>
#ifdef WITH_PCAP
#include <pcap/pcap.h>
#endif

#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif

static int packet_socket(const char *interface) {
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0) die("socket");
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(interface)};
  if (bind(fd, (struct sockaddr *)&to, sizeof to)) die("bind");
  return fd;
}

/* Each sends about a thousand frames and returns how many. */
static int fd;
static uint64_t next_slot;

static uint64_t send_each(void) {
  for (int i = 0; i < 1024; i++) {
    uint32_t slot = next_slot++ % SLOTS;
    if (send(fd, slab + start[slot], length[slot], 0) < 0) die("send");
  }
  return 1024;
}

static struct mmsghdr messages[SLOTS];
static struct iovec vectors[SLOTS];

static uint64_t send_many(void) {
  for (int i = 0; i < 1024; i += BATCH) {
    struct mmsghdr *batch = messages + next_slot % SLOTS;
    for (int sent = 0; sent < BATCH;) {
      int n = sendmmsg(fd, batch + sent, BATCH - sent, 0);
      if (n < 0 && errno != ENOBUFS && errno != EAGAIN) die("sendmmsg");
      if (n > 0) sent += n;
    }
    next_slot += BATCH;
  }
  return 1024;
}

static struct { uint32_t *producer, *consumer; void *entries; } tx, done;
static uint32_t produced, collected;

static void *map_ring(const struct xdp_ring_offset *offsets, size_t entry, off_t page, uint32_t **producer, uint32_t **consumer) {
  uint8_t *at = mmap(NULL, offsets->desc + SLOTS * entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, page);
  if (at == MAP_FAILED) die("mmap of a ring");
  *producer = (uint32_t *)(at + offsets->producer);
  *consumer = (uint32_t *)(at + offsets->consumer);
  return at + offsets->desc;
}

/* `tx0` or `tx0:1`, the second queue. */
static void open_xdp(char *interface) {
  char *queue = strchr(interface, ':');
  if (queue) *queue++ = 0;
  fd = socket(AF_XDP, SOCK_RAW, 0);
  if (fd < 0) die("socket AF_XDP");
  struct xdp_umem_reg memory = {.addr = (uintptr_t)slab, .len = SLOTS * SLOT, .chunk_size = SLOT};
  if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof memory)) die("XDP_UMEM_REG");
  int fill = 64, entries = SLOTS, budget = 256;
  if (setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &fill, sizeof fill)) die("fill ring");
  if (setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &entries, sizeof entries)) die("completion ring");
  if (setsockopt(fd, SOL_XDP, XDP_TX_RING, &entries, sizeof entries)) die("tx ring");
  setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof budget);
  struct xdp_mmap_offsets offsets;
  socklen_t size = sizeof offsets;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size)) die("XDP_MMAP_OFFSETS");
  tx.entries = map_ring(&offsets.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING, &tx.producer, &tx.consumer);
  done.entries = map_ring(&offsets.cr, 8, XDP_UMEM_PGOFF_COMPLETION_RING, &done.producer, &done.consumer);
  struct sockaddr_xdp to = {
    .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY, .sxdp_ifindex = if_nametoindex(interface), .sxdp_queue_id = queue ? atoi(queue) : 0};
  for (int tries = 0; bind(fd, (struct sockaddr *)&to, sizeof to); tries++) {
    if (errno != EBUSY || tries == 40) die("bind AF_XDP");
    usleep(5000);
  }
}

static void collect(void) {
  collected = __atomic_load_n(done.producer, __ATOMIC_ACQUIRE);
  __atomic_store_n(done.consumer, collected, __ATOMIC_RELEASE);
}

static void kick(void) {
  while (__atomic_load_n(tx.consumer, __ATOMIC_ACQUIRE) != produced) {
    if (sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN && errno != EBUSY && errno != ENOBUFS) die("kick");
    collect();
  }
}

static uint64_t send_xdp(void) {
  struct xdp_desc *entries = tx.entries;
  for (int i = 0; i < 1024; i += BATCH) {
    while (produced - collected > SLOTS - BATCH) {
      kick();
      collect();
    }
    for (int k = 0; k < BATCH; k++, produced++) {
      uint32_t slot = next_slot++ % SLOTS;
      entries[produced % SLOTS] = (struct xdp_desc){.addr = start[slot], .len = length[slot]};
    }
    __atomic_store_n(tx.producer, produced, __ATOMIC_RELEASE);
    kick();
    collect();
  }
  return 1024;
}

#ifdef WITH_PCAP
static pcap_t *pcap;

static void open_pcap(const char *interface) {
  char error[PCAP_ERRBUF_SIZE];
  struct bpf_insn none = {.code = 0x06};
  struct bpf_program reject = {.bf_len = 1, .bf_insns = &none};
  pcap = pcap_create(interface, error);
  if (!pcap || pcap_set_snaplen(pcap, 1) || pcap_set_buffer_size(pcap, 4096) || pcap_activate(pcap) < 0 ||
      pcap_setfilter(pcap, &reject)) die("pcap");
}

static uint64_t send_pcap(void) {
  for (int i = 0; i < 1024; i++) {
    uint32_t slot = next_slot++ % SLOTS;
    if (pcap_inject(pcap, slab + start[slot], length[slot]) < 0) die(pcap_geterr(pcap));
  }
  return 1024;
}
#endif

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: send send|sendmmsg|af-xdp|pcap INTERFACE[:QUEUE] FILE SECONDS\n");
    return 2;
  }
  const char *mode = argv[1];
  char *interface = argv[2];
  load(argv[3]);
  double seconds = atof(argv[4]);
  uint64_t (*some)(void);
  if (!strcmp(mode, "send")) {
    fd = packet_socket(interface);
    some = send_each;
  } else if (!strcmp(mode, "sendmmsg")) {
    fd = packet_socket(interface);
    for (int i = 0; i < SLOTS; i++) {
      vectors[i] = (struct iovec){.iov_base = slab + start[i], .iov_len = length[i]};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = vectors + i, .msg_iovlen = 1};
    }
    some = send_many;
  } else if (!strcmp(mode, "af-xdp")) {
    open_xdp(interface);
    some = send_xdp;
#ifdef WITH_PCAP
  } else if (!strcmp(mode, "pcap")) {
    open_pcap(interface);
    some = send_pcap;
#endif
  } else {
    fprintf(stderr, "%s: not built in\n", mode);
    return 2;
  }
  return report(some, seconds);
}
