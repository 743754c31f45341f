#pragma once
// What another process may do with files, asked from within its namespaces and with its rights.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// The rights of a process, as /proc/PID/status has them.
struct qtctl_rights {
  uid_t user;
  gid_t group;
  const gid_t *groups;
  size_t group_count;
  uint64_t capabilities;
};

// A copy of this process that goes into the mount namespace (and the user namespace, where that is not -1), takes on the
// rights, asks access(2) for each path, and writes a byte an answer: 'y' or 'n'. It executes nothing, and makes system
// calls only, since other threads may hold locks when it is made.
static inline pid_t qtctl_ask(
    int mounts, int users, const struct qtctl_rights *rights, const char *const *paths, const int *modes, size_t count,
    int answers) {
  pid_t child = fork();
  if (child != 0) return child;
  // CLONE_NEWNS and CLONE_NEWUSER; <sched.h> has them only under _GNU_SOURCE.
  if (syscall(SYS_setns, mounts, 0x00020000) != 0) _exit(1);
  if (users >= 0 && syscall(SYS_setns, users, 0x10000000) != 0) _exit(1);
  prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (syscall(SYS_setgroups, rights->group_count, rights->groups) != 0 ||
      syscall(SYS_setresgid, rights->group, rights->group, rights->group) != 0 ||
      syscall(SYS_setresuid, rights->user, rights->user, rights->user) != 0)
    _exit(1);
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  uint32_t low = (uint32_t)rights->capabilities, high = (uint32_t)(rights->capabilities >> 32);
  struct __user_cap_data_struct sets[2] = {{low, low, 0}, {high, high, 0}};
  if (syscall(SYS_capset, &head, sets) != 0) _exit(1);
  for (size_t number = 0; number < count; number++) {
    // With the effective rights. 0x200 is AT_EACCESS.
    long denied = syscall(SYS_faccessat2, AT_FDCWD, paths[number], modes[number], 0x200);
    char answer = denied == 0 ? 'y' : 'n';
    if (denied != 0 && (errno == ENOSYS || errno == EPERM)) _exit(1);
    if (write(answers, &answer, 1) != 1) _exit(1);
  }
  _exit(0);
}
