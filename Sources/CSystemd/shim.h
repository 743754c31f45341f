#pragma once
// No feature macro may be set here: with one, types such as fd_set differ from those of the Glibc module.
#include <elf.h>
#include <sys/auxv.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
