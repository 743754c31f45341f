#pragma once
// Starting a program in a folder of its choice, as the leader of a session of its own.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// The child makes system calls only until it executes the program, since other threads may hold locks when it is made.
// Every descriptor but the first three is closed, and no signal is ignored or blocked. Where the program cannot be
// executed, it writes why to the output and exits with 127. -1, with errno, where there is no child.
static inline pid_t qtctl_start(
    const char *folder, char *const *arguments, char *const *environment, int input, int output) {
  pid_t child = fork();
  if (child != 0) return child;
  setsid();
  // It is part of what this process does, and must not go on when others undo that.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Neither is overwritten by the other one, whatever numbers they have.
  input = fcntl(input, F_DUPFD, 3);
  output = fcntl(output, F_DUPFD, 3);
  if (dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2) {
    // close_range(2); what is not closed by it is closed by its own flag.
    syscall(SYS_close_range, 3, ~0U, 0);
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(folder) == 0) execve(arguments[0], arguments, environment);
  }
  const char *reason = strerror(errno);
  if (write(2, reason, strlen(reason)) < 0) _exit(126);
  _exit(127);
}
