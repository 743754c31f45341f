#pragma once
// What Linux has and the Glibc module leaves out.
#include <linux/fs.h>
#include <sys/pidfd.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
