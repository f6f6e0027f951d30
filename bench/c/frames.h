/* What the C references of the transport benchmark share: the frames of a capture file, laid as the emulator lays them, and the report. */
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 512, SLOT = 2048, PAYLOAD = 128, BATCH = 64, WARM_UP_MS = 150 };

static uint8_t *slab;
static uint32_t start[SLOTS], length[SLOTS];

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* User and system time of this process. */
static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Classic little-endian capture; its frames fill the slots over and over. */
static void load(const char *file) {
  FILE *f = fopen(file, "rb");
  if (!f || fseek(f, 24, SEEK_SET)) die(file);
  slab = mmap(NULL, SLOTS * SLOT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (slab == MAP_FAILED) die("mmap");
  int count = 0;
  uint32_t header[4];
  while (count < SLOTS && fread(header, 16, 1, f) == 1) {
    uint32_t at = count * SLOT + PAYLOAD - 42;
    if (header[2] > SLOT - PAYLOAD + 42 || fread(slab + at, header[2], 1, f) != 1) die("frame");
    start[count] = at;
    length[count++] = header[2];
  }
  fclose(f);
  if (count == 0) die("no frames");
  for (int i = count; i < SLOTS; i++) {
    start[i] = i * SLOT + PAYLOAD - 42;
    length[i] = length[i % count];
    memcpy(slab + start[i], slab + start[i % count], length[i]);
  }
}

/* Calls `some`, which sends frames and returns how many, for a warm-up and for `seconds`; prints the line of JSON. */
static int report(uint64_t (*some)(void), double seconds) {
  uint64_t warm_up = 0, frames = 0;
  for (double end = now() + WARM_UP_MS / 1e3; now() < end;) warm_up += some();
  double begin = now(), end = begin, busy = cpu();
  for (; end - begin < seconds; end = now()) frames += some();
  busy = cpu() - busy;
  printf("{\"frames\": %llu, \"seconds\": %.6f, \"total\": %llu, \"cpuSeconds\": %.6f}\n", (unsigned long long)frames,
         end - begin, (unsigned long long)(frames + warm_up), busy);
  return 0;
}
