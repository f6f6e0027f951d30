/*
 * The C reference of the pure part: printk to finished frame, the same work as the emulator's in the same order: level parse,
 * a record into a ring buffer and out again, extended format with its escapes, header template, both checksums.
 *
 *   printk FRAME_BYTES SECONDS        {"frames": .., "seconds": .., "total": .., "cpuSeconds": ..} on one line
 *   printk FRAME_BYTES dump           the first frame in hex
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOTS = 64, SLOT = 2048, PAYLOAD = 128, HEADERS = 42 };
enum { RECORDS = 1024, TEXT_RING = 1 << 17, TEXTS = 64, FIRST_SEQ = 10000000 };
#define FIRST_TS 1000000000ull

struct record {
  uint64_t seq, ts_usec;
  uint32_t at, length;
  uint8_t level, flags, facility;
};

static uint8_t slab[SLOTS * SLOT] __attribute__((aligned(4096)));
static struct record records[RECORDS];
static uint8_t text_ring[TEXT_RING] __attribute__((aligned(64)));
static uint64_t next_seq = FIRST_SEQ, first_seq = FIRST_SEQ, head;
static uint8_t template[HEADERS];
static uint32_t ip_sum, udp_sum;
static uint16_t ip_id;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static uint16_t be(uint32_t v) { return (uint16_t)(v << 8 | v >> 8); }

static uint16_t fold(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint32_t words4 __attribute__((vector_size(16)));
typedef uint64_t longs2 __attribute__((vector_size(16)));

static uint64_t add_words(const uint8_t *p, uint32_t length) {
  words4 sums = {0};
  uint32_t i = 0;
  for (; i + 16 <= length; i += 16) {
    words4 words;
    memcpy(&words, p + i, 16);
    sums += (words & 0xffff) + (words >> 16);
  }
  uint64_t sum = (uint64_t)sums[0] + sums[1] + sums[2] + sums[3];
  for (; i + 1 < length; i += 2) {
    uint16_t word;
    memcpy(&word, p + i, 2);
    sum += word;
  }
  return i < length ? sum + p[i] : sum;
}

static void make_template(void) {
  static const uint8_t headers[HEADERS] = {
    2, 0, 0, 0, 0xbe, 0xef, 2, 0, 0, 0, 0x77, 0x99, 8, 0,
    0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 77, 0, 99, 10, 77, 0, 200,
    6665 >> 8, 6665 & 255, 6666 >> 8, 6666 & 255, 0, 0, 0, 0};
  memcpy(template, headers, HEADERS);
  ip_sum = add_words(template + 14, 20);
  udp_sum = add_words(template + 26, 12) + be(17);
}

/* Level prefix off, text into the ring; the oldest records go when there is no room. */
static void store(const uint8_t *text, uint32_t length, uint64_t ts_usec) {
  uint8_t level = 4;
  while (length >= 3 && text[0] == '<' && text[1] >= '0' && text[1] <= '9') {
    uint32_t value = 0, i = 1;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) value = value * 10 + text[i] - '0';
    if (i == length || text[i] != '>') break;
    level = value & 7;
    text += i + 1;
    length -= i + 1;
  }
  while (length && text[length - 1] == '\n') length--;
  uint64_t at = head;
  if ((at & (TEXT_RING - 1)) + length > TEXT_RING) at = (at | (TEXT_RING - 1)) + 1;
  head = (at + length + 7) & ~7ull;
  while (first_seq < next_seq) {
    const struct record *oldest = &records[first_seq % RECORDS];
    uint32_t distance = ((uint32_t)head - oldest->at) & (uint32_t)-1;
    if (distance <= TEXT_RING && next_seq - first_seq < RECORDS) break;
    first_seq++;
  }
  memcpy(text_ring + (at & (TEXT_RING - 1)), text, length);
  records[next_seq % RECORDS] =
    (struct record){.seq = next_seq, .ts_usec = ts_usec, .at = (uint32_t)at, .length = length, .level = level};
  next_seq++;
}

static uint8_t *put_decimal(uint8_t *to, uint64_t value) {
  uint8_t digits[20];
  int n = 0;
  do digits[n++] = '0' + value % 10;
  while (value /= 10);
  while (n) *to++ = digits[--n];
  return to;
}

static uint8_t *put_escaped(uint8_t *to, const uint8_t *text, uint32_t length) {
  static const char hex[16] = "0123456789abcdef";
  uint32_t i = 0;
  for (; i + 16 <= length; i += 16) {
    bytes16 block;
    memcpy(&block, text + i, 16);
    longs2 bad = (longs2)(((block - 0x20) >= 0x5f) | (block == '\\'));
    if (bad[0] | bad[1]) break;
    memcpy(to, &block, 16);
    to += 16;
  }
  for (; i < length; i++) {
    uint8_t c = text[i];
    if ((uint8_t)(c - 0x20) < 0x5f && c != '\\') *to++ = c;
    else {
      *to++ = '\\';
      *to++ = 'x';
      *to++ = hex[c >> 4];
      *to++ = hex[c & 15];
    }
  }
  return to;
}

/* The record `seq` as a frame in the slot; returns where the frame ends. */
static uint8_t *emit(uint8_t *slot, uint64_t seq) {
  const struct record *record = &records[seq % RECORDS];
  uint8_t *payload = slot + PAYLOAD, *to = payload;
  to = put_decimal(to, record->facility << 3 | record->level);
  *to++ = ',';
  to = put_decimal(to, record->seq);
  *to++ = ',';
  to = put_decimal(to, record->ts_usec);
  *to++ = ',';
  *to++ = '-';
  *to++ = ';';
  to = put_escaped(to, text_ring + (record->at & (TEXT_RING - 1)), record->length);
  *to++ = '\n';
  uint32_t length = to - payload;
  uint8_t *frame = payload - HEADERS;
  memcpy(frame, template, HEADERS);
  uint16_t total = be(length + 28), id = be(++ip_id), udp_length = be(length + 8);
  uint16_t ip_check = ~fold(ip_sum + total + id);
  uint16_t udp_check = ~fold((uint64_t)udp_sum + 2 * udp_length + add_words(payload, length));
  if (udp_check == 0) udp_check = 0xffff;
  memcpy(frame + 16, &total, 2);
  memcpy(frame + 18, &id, 2);
  memcpy(frame + 24, &ip_check, 2);
  memcpy(frame + 38, &udp_length, 2);
  memcpy(frame + 40, &udp_check, 2);
  return to;
}

static uint8_t texts[TEXTS][SLOT];
static uint32_t text_length;

static uint64_t some(void) {
  static uint64_t count;
  for (int i = 0; i < 1024; i++, count++) {
    store(texts[count % TEXTS], text_length, FIRST_TS + count);
    emit(slab + count % SLOTS * SLOT, next_seq - 1);
  }
  return 1024;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: printk FRAME_BYTES SECONDS|dump\n");
    return 2;
  }
  make_template();
  /* `<6>` comes off; `6,10000000,1000000000,-;` and the newline come on. */
  int body = atoi(argv[1]) - HEADERS - 24 - 1;
  if (body < 8 || body > 1500) return 2;
  text_length = body + 3;
  for (int i = 0; i < TEXTS; i++) {
    memcpy(texts[i], "<6>", 3);
    for (int k = 0; k < body; k++) texts[i][3 + k] = 'a' + (i * 7 + k * 3) % 26;
  }
  if (!strcmp(argv[2], "dump")) {
    store(texts[0], text_length, FIRST_TS);
    uint8_t *end = emit(slab, FIRST_SEQ);
    for (uint8_t *p = slab + PAYLOAD - HEADERS; p < end; p++) printf("%02x", *p);
    printf("\n");
    return 0;
  }
  double seconds = atof(argv[2]);
  uint64_t warm_up = 0, frames = 0;
  for (double end = now() + 0.1; now() < end;) warm_up += some();
  clock_t busy = clock();
  double begin = now(), end = begin;
  for (; end - begin < seconds; end = now()) frames += some();
  printf("{\"frames\": %llu, \"seconds\": %.6f, \"total\": %llu, \"cpuSeconds\": %.6f}\n", (unsigned long long)frames,
         end - begin, (unsigned long long)(frames + warm_up), (double)(clock() - busy) / CLOCKS_PER_SEC);
  return 0;
}
