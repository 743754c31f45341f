#pragma once
// What tells one content of a file from another, and whether anybody can change it unseen.
#include <fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdint.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

struct qtctl_facts {
  uint64_t mount, device, inode, size;
  int64_t changed, modified, born;
  uint32_t changed_nanoseconds, modified_nanoseconds, born_nanoseconds;
};

// Since Linux 6.8 (linux/stat.h): a number that no other mount gets until the next boot.
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

// statx(2) of a plain file: by its name in a folder, never of what a symlink leads to, or by its descriptor where the name
// is empty. -1 where it is none, or where the kernel or the filesystem does not tell all of it.
static inline int qtctl_facts(int folder, const char *name, struct qtctl_facts *facts) {
  struct statx x;
  const unsigned wanted = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID_UNIQUE;
  const int flags = AT_SYMLINK_NOFOLLOW | 0x1000; /* AT_EMPTY_PATH, which <fcntl.h> has only under _GNU_SOURCE */
  if (syscall(SYS_statx, folder, name, flags, wanted, &x) != 0) return -1;
  if ((x.stx_mask & wanted) != wanted || (x.stx_mode & 0170000) != 0100000) return -1;
  facts->mount = x.stx_mnt_id;
  facts->device = (uint64_t)x.stx_dev_major << 32 | x.stx_dev_minor;
  facts->inode = x.stx_ino;
  facts->size = x.stx_size;
  facts->changed = x.stx_ctime.tv_sec;
  facts->modified = x.stx_mtime.tv_sec;
  facts->born = x.stx_btime.tv_sec;
  facts->changed_nanoseconds = x.stx_ctime.tv_nsec;
  facts->modified_nanoseconds = x.stx_mtime.tv_nsec;
  facts->born_nanoseconds = x.stx_btime.tv_nsec;
  return 0;
}

// Whether the file is on ext2/3/4, xfs, btrfs or f2fs (linux/magic.h): there every change of a content, through a mapping
// too, sets the time of change. On tmpfs, and so on an overlay of one, a page that was mapped by a read is written unseen.
static inline int qtctl_shows_every_change(int file) {
  struct statfs facts;
  if (fstatfs(file, &facts) != 0) return 0;
  switch ((uint32_t)facts.f_type) {
    case 0xEF53:
    case 0x58465342:
    case 0x9123683E:
    case 0xF2F52010: return 1;
    default: return 0;
  }
}

// Whether nobody has a file open for writing, or mapped so: only then the kernel grants a lease to read it (fcntl(2),
// F_SETLEASE), which is given back at once. Who opens it for writing at this very moment waits that long, and the signal
// that tells of it is one that does nothing. The numbers are those that <fcntl.h> has only under _GNU_SOURCE.
static inline int qtctl_has_no_writer(int file) {
  if (fcntl(file, 10 /* F_SETSIG */, SIGURG) == -1) return 0;
  if (fcntl(file, 1024 /* F_SETLEASE */, F_RDLCK) == -1) return 0;
  return fcntl(file, 1024, F_UNLCK) == 0;
}

// One name in a folder, as far as a change of what it is shows in it.
struct qtctl_node {
  uint64_t inode, size;
  int64_t changed, modified;
  uint32_t changed_nanoseconds, modified_nanoseconds;
  uint32_t mode, owner, group, unused;
};

// Where a folder lies: see STATX_MNT_ID_UNIQUE.
struct qtctl_place {
  uint64_t mount, device;
};

// statx(2) of names relative to a folder, the empty one being the folder itself; never of what a symlink leads to. Each ends
// with a zero. Of those after the first `closely` ones the time of change is left out. -1 where one is not there, lies on
// another mount than the folder, or where the kernel or the filesystem does not tell all of it.
static inline int qtctl_nodes(
    int folder, const char *names, size_t count, size_t closely, struct qtctl_node *nodes, struct qtctl_place *place) {
  const unsigned wanted = STATX_BASIC_STATS | STATX_MNT_ID_UNIQUE;
  for (size_t number = 0; number < count; number++) {
    struct statx x;
    const int flags = AT_SYMLINK_NOFOLLOW | 0x1000; /* AT_EMPTY_PATH */
    if (syscall(SYS_statx, folder, names, flags, wanted, &x) != 0 || (x.stx_mask & wanted) != wanted) return -1;
    const struct qtctl_place here = {x.stx_mnt_id, (uint64_t)x.stx_dev_major << 32 | x.stx_dev_minor};
    if (number == 0) *place = here;
    if (here.mount != place->mount || here.device != place->device) return -1;
    const int is_close = number < closely;
    nodes[number] = (struct qtctl_node){
        x.stx_ino, x.stx_size, is_close ? x.stx_ctime.tv_sec : 0, x.stx_mtime.tv_sec,
        is_close ? x.stx_ctime.tv_nsec : 0, x.stx_mtime.tv_nsec, x.stx_mode, x.stx_uid, x.stx_gid, 0};
    while (*names++) {}
  }
  return 0;
}
