// A service that is there at once: it listens, says so to systemd, and answers every request with its version.
// Usage: quantum-bench-service PORT VERSION [deaf]   (deaf: it ignores SIGTERM)
//        quantum-bench-service PORT /FILE [deaf]     the version is the first word of the file
#include <arpa/inet.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void say_ready(void) {
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path == NULL || strlen(path) >= sizeof address.sun_path) return;
  strcpy(address.sun_path, path);
  if (path[0] == '@') address.sun_path[0] = 0;
  int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return;
  sendto(out, "READY=1", 7, 0, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
  close(out);
}

static int read_version(const char *word, char version[100]) {
  if (word[0] != '/') return snprintf(version, 100, "%s", word) > 0;
  FILE *file = fopen(word, "r");
  if (file == NULL) return 0;
  int found = fscanf(file, "%99s", version) == 1;
  fclose(file);
  return found;
}

int main(int count, char **words) {
  char version[100];
  if (count < 3) return 64;
  if (!read_version(words[2], version)) return 78;
  signal(SIGPIPE, SIG_IGN);
  if (count > 3) signal(SIGTERM, SIG_IGN);
  int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(door, (struct sockaddr *)&address, sizeof address) != 0 || listen(door, 128) != 0) return 1;
  say_ready();
  char answer[256];
  int length = snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nversion %s\n", version);
  for (;;) {
    int visitor = accept(door, NULL, NULL);
    if (visitor < 0) continue;
    struct timeval patience = {.tv_sec = 1};
    setsockopt(visitor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char request[4096];
    if (read(visitor, request, sizeof request) > 0 && write(visitor, answer, (size_t)length) < 0) { /* it has left */ }
    close(visitor);
  }
}
