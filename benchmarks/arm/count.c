/* A plugin for qemu-user that counts executed instructions between marks.

   The program under emulation sets a mark by asking for the priority of process MARK + n, a
   question without side effects whose system call is seen here. At each mark one line is written
   to standard error: "mark <n> <instructions so far>".

   The few declarations needed of the plugin interface, version 1 (QEMU 6.0 to 8.2), are our own:
   Debian's qemu-user does not ship the header. They follow include/qemu/qemu-plugin.h of QEMU's
   source package. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint64_t plugin_id;
typedef struct block block; /* a translated block of code */

int qemu_plugin_version __attribute__((visibility("default"))) = 1;

extern size_t qemu_plugin_tb_n_insns(const block *);
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, block *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(block *, int operation, void *, uint64_t);
extern void qemu_plugin_register_vcpu_syscall_cb(
    plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                        uint64_t, uint64_t, uint64_t, uint64_t));

enum { ADD = 0, GETPRIORITY_AARCH64 = 141, MARK = 900000000, MOST_MARKS = 1000 };

static uint64_t executed;

static void translated(plugin_id id, block *code)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(code, ADD, &executed, qemu_plugin_tb_n_insns(code));
}

static void called(plugin_id id, unsigned cpu, int64_t number, uint64_t which, uint64_t who,
                   uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
    (void)id, (void)cpu, (void)which, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number == GETPRIORITY_AARCH64 && who >= MARK && who < MARK + MOST_MARKS)
        fprintf(stderr, "mark %" PRIu64 " %" PRIu64 "\n", who - MARK, executed);
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv)
{
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
