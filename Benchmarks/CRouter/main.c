// The least that a router can be: read a batch, run the script, again. It neither reads payloads nor computes digests, and
// is what the router of this project is measured against.
//
// usage: quantum-c-router PORT SCRIPT-FILE BATCH COUNT
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *decisions = "quantum:stream:ai.decision.made";
static const char *intents = "quantum:stream:trade.intent";
static const char *letters = "quantum:stream:dead.letter";
static const char *results = "quantum:stream:execution.result";
static const char *group = "quantum:group:router:ai.decision.made";
static const char *prefix = "quantum:dedup:trade_intent:";

enum { most = 64 * 32 };
static const char *argv[most];
static size_t lengths[most];
static int count;

static void add(const char *text, size_t length) {
  argv[count] = text;
  lengths[count++] = length;
}

static void word(const char *text) { add(text, strlen(text)); }

static void fail(const char *what) {
  fprintf(stderr, "quantum-c-router: %s\n", what);
  exit(1);
}

static redisReply *checked(redisReply *reply, const char *what) {
  if (!reply || reply->type == REDIS_REPLY_ERROR) fail(reply ? reply->str : what);
  return reply;
}

static char *load(redisContext *context, const char *path) {
  static char source[1 << 16];
  FILE *file = fopen(path, "r");
  size_t size = file ? fread(source, 1, sizeof source - 1, file) : 0;
  if (size == 0) fail("no script");
  return checked(redisCommand(context, "SCRIPT LOAD %b", source, size), "SCRIPT LOAD")->str;
}

static redisReply *field(redisReply *entries, size_t entry, size_t place) {
  return entries->element[entry]->element[1]->element[place];
}

static void value(redisReply *reply) { add(reply->str, reply->len); }

static int is_same(redisReply *entries, size_t place) {
  redisReply *first = field(entries, 0, place);
  for (size_t i = 1; i < entries->elements; i++) {
    redisReply *other = field(entries, i, place);
    if (other->len != first->len || memcmp(other->str, first->str, first->len)) return 0;
  }
  return 1;
}

// Six fields each: their names and what all entries have in common is sent once, and where the others have their own.
static int append_common(redisReply *entries, size_t own[6]) {
  static char sizes[7][16];
  int count = 0;
  word("12");
  for (size_t f = 0; f < 12; f++) value(field(entries, 0, f));
  for (size_t f = 1; f < 12; f += 2)
    if (!is_same(entries, f)) own[count++] = f;
  snprintf(sizes[6], sizeof sizes[6], "%d", count);
  word(sizes[6]);
  for (int i = 0; i < count; i++) {
    snprintf(sizes[i], sizeof sizes[i], "%zu", own[i] + 1);
    word(sizes[i]);
  }
  return count;
}

static void route(redisContext *context, const char *digest, redisReply *entries) {
  static char keys[64][256], sizes[64][16];
  snprintf(sizes[0], sizeof sizes[0], "%zu", entries->elements + 4);
  count = 0;
  word("EVALSHA"), word(digest), word(sizes[0]), word(decisions), word(intents), word(letters), word(results);
  for (size_t i = 0; i < entries->elements; i++) {
    redisReply *fields = entries->element[i]->element[1];
    for (size_t f = 0; f + 1 < fields->elements; f += 2)
      if (!strcmp(fields->element[f]->str, "trace_id"))
        snprintf(keys[i], sizeof keys[i], "%s%s", prefix, fields->element[f + 1]->str);
    word(keys[i]);
  }
  static char number[16];
  redisReply *first = entries->element[0]->element[0], *last = entries->element[entries->elements - 1]->element[0];
  snprintf(number, sizeof number, "%zu", entries->elements);
  word(group), word("86400"), word("2592000"), value(first), value(last), word(number);
  size_t own[6];
  int owns = append_common(entries, own);
  for (size_t i = 0; i < entries->elements; i++) {
    word("P"), value(entries->element[i]->element[0]), word("digest");
    for (int f = 0; f < owns; f++) value(field(entries, i, own[f]));
  }
  freeReplyObject(checked(redisCommandArgv(context, count, argv, lengths), "EVALSHA"));
}

int main(int argc, char **arguments) {
  if (argc != 5) fail("usage: PORT SCRIPT-FILE BATCH COUNT");
  redisContext *context = redisConnect("127.0.0.1", atoi(arguments[1]));
  if (!context || context->err) fail("cannot connect");
  context->reader->maxbuf = 1 << 20;
  char *digest = load(context, arguments[2]);
  long batch = atol(arguments[3]), left = atol(arguments[4]);
  if (batch > 64) fail("a batch has at most 64 entries");
  while (left > 0) {
    redisReply *reply = checked(
      redisCommand(context, "XREADGROUP GROUP %s c COUNT %ld BLOCK 1000 STREAMS %s >", group, batch, decisions),
      "XREADGROUP");
    if (reply->type == REDIS_REPLY_ARRAY) {
      redisReply *entries = reply->element[0]->element[1];
      route(context, digest, entries);
      left -= (long)entries->elements;
    }
    freeReplyObject(reply);
  }
  return 0;
}
