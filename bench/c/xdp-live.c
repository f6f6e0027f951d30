/*
 * The C reference of the transport `xdp`: sends the frames of a capture file by redirecting them with an XDP program, run on
 * frames that the kernel makes (BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES). Prints what send.c prints.
 *
 *   xdp-live INTERFACE FILE SECONDS [FRAMES_A_CALL]
 *
 * The slab is a BPF array map, mapped here; frames of one call are the next slots in turn. The program is attached to the interface as
 * well, without which the kernel would take 27 ms to set each call up. Nothing is counted here: the peer counts.
 */
#define _GNU_SOURCE
#include "frames.h"
#include <linux/bpf.h>
#include <sys/syscall.h>

static long bpf(int command, union bpf_attr *attr, const char *what) {
  long result = syscall(SYS_bpf, command, attr, sizeof *attr);
  if (result < 0) die(what);
  return result;
}

/* The map's value: a page whose first word is the number of the next slot, the slots, and room for what may be read behind the last. */
enum { PAGE = 4096, MAP_BYTES = PAGE + SLOTS * SLOT + PAGE };
static uint8_t *memory;

static int make_map(void) {
  union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = MAP_BYTES, .max_entries = 1, .map_flags = BPF_F_MMAPABLE};
  int map = bpf(BPF_MAP_CREATE, &attr, "BPF_MAP_CREATE");
  memory = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  if (memory == MAP_FAILED) die("mmap of a map");
  return map;
}

#define OP(operation, d, s, o, i) {.code = operation, .dst_reg = d, .src_reg = s, .off = o, .imm = i}
#define MOVE(d, s) OP(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) OP(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, s) OP(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define ADD_CONSTANT(d, i) OP(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define SUBTRACT(d, s) OP(BPF_ALU64 | BPF_SUB | BPF_X, d, s, 0, 0)
#define AND(d, i) OP(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define SHIFT(d, i) OP(BPF_ALU64 | BPF_LSH | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o) OP(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE(d, o, s) OP(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define CALL(f) OP(BPF_JMP | BPF_CALL, 0, 0, 0, f)
/* Written at instruction `at`: goes on at instruction `to` if `d operation i`. */
#define JUMP(at, operation, d, i, to) OP(BPF_JMP | operation | BPF_K, d, 0, (to) - (at) - 1, i)
#define EXIT OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* A slot begins with its frame's length; the frame lies where send.c has it. */
static int load_program(int map, int interface) {
  enum { DROP = 36, PASS = 38 };
  struct bpf_insn program[] = {
    MOVE(6, 1),
    LOAD(1, 6, offsetof(struct xdp_md, ingress_ifindex)),
    JUMP(2, BPF_JNE, 1, 1, PASS), /* what the interface receives */
    OP(BPF_LD | BPF_DW | BPF_IMM, 7, BPF_PSEUDO_MAP_VALUE, 0, map), OP(0, 0, 0, 0, 0),
    LOAD(8, 7, 0), MOVE(1, 8), ADD_CONSTANT(1, 1), STORE(7, 0, 1),
    AND(8, SLOTS - 1), SHIFT(8, 11), MOVE(9, 7), ADD(9, 8), ADD_CONSTANT(9, PAGE),
    LOAD(8, 9, 0),
    JUMP(15, BPF_JGT, 8, SLOT - 1, DROP), JUMP(16, BPF_JEQ, 8, 0, DROP),
    LOAD(1, 6, offsetof(struct xdp_md, data_end)), LOAD(2, 6, offsetof(struct xdp_md, data)), SUBTRACT(1, 2),
    MOVE(2, 8), SUBTRACT(2, 1), MOVE(1, 6), CALL(BPF_FUNC_xdp_adjust_tail),
    JUMP(24, BPF_JNE, 0, 0, DROP),
    MOVE(1, 6), SET(2, 0), MOVE(3, 9), ADD_CONSTANT(3, PAYLOAD - 42), MOVE(4, 8), CALL(BPF_FUNC_xdp_store_bytes),
    JUMP(31, BPF_JNE, 0, 0, DROP),
    SET(1, interface), SET(2, 0), CALL(BPF_FUNC_redirect), EXIT,
    SET(0, XDP_DROP), EXIT,
    SET(0, XDP_PASS), EXIT};
  static char log[1 << 16];
  union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_XDP, .expected_attach_type = BPF_XDP, .insns = (uintptr_t)program, .insn_cnt = sizeof program / sizeof *program,
                         .license = (uintptr_t)"Dual MIT/GPL", .log_buf = (uintptr_t)log, .log_size = sizeof log, .log_level = 1};
  int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd < 0) { fputs(log, stderr); die("BPF_PROG_LOAD"); }
  return fd;
}

static int program;
static uint32_t longest;
static int call = 512;

static uint64_t send_live(void) {
  static uint8_t page[SLOT];
  union bpf_attr attr = {.test = {.prog_fd = program, .data_in = (uintptr_t)page, .data_size_in = longest, .repeat = call,
                                  .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 16}};
  bpf(BPF_PROG_TEST_RUN, &attr, "BPF_PROG_TEST_RUN");
  return call;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: xdp-live INTERFACE FILE SECONDS [FRAMES_A_CALL]\n");
    return 2;
  }
  if (argc > 4) call = atoi(argv[4]);
  load(argv[2]);
  int interface = if_nametoindex(argv[1]);
  int map = make_map();
  for (int i = 0; i < SLOTS; i++) {
    uint8_t *slot = memory + PAGE + i * SLOT;
    memcpy(slot, &length[i], 4);
    memcpy(slot + PAYLOAD - 42, slab + start[i], length[i]);
    if (length[i] > longest) longest = length[i];
  }
  program = load_program(map, interface);
  union bpf_attr anchor = {.link_create = {.prog_fd = program, .target_ifindex = interface, .attach_type = BPF_XDP, .flags = 2 /* XDP_FLAGS_SKB_MODE */}};
  bpf(BPF_LINK_CREATE, &anchor, "attaching the program");
  return report(send_live, atof(argv[3]));
}
