/* A router as small as C allows: one connection, batches of 64, the very script of the real one, no recovery, no log.
 * It is what `make bench` measures the real router against, and nothing else.
 *
 * usage: minimal-router SOCKET SCRIPT-FILE COUNT */
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "quantum:stream:ai.decision.made"
#define TARGET "quantum:stream:trade.intent"
#define DEAD "quantum:stream:dead.letter"
#define GROUP "quantum:group:router:ai.decision.made"
#define BATCH 64
#define FIELDS 6

static void die(const char *what) {
  fprintf(stderr, "minimal-router: %s\n", what);
  exit(1);
}

/* The value of a member of the flat JSON object in `payload`, without quotes; its length in `length`. */
static const char *member(const char *payload, const char *name, int *length) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *value = strstr(payload, key);
  if (!value) die("a member is missing");
  value += strlen(key);
  while (*value == ' ' || *value == '"') value++;
  const char *end = value;
  while (*end && *end != '"' && *end != ',' && *end != '}') end++;
  *length = (int)(end - value);
  return value;
}

static const char *field(const redisReply *fields, const char *name) {
  for (size_t i = 0; i + 1 < fields->elements; i += 2)
    if (strcmp(fields->element[i]->str, name) == 0) return fields->element[i + 1]->str;
  return "";
}

/* FNV-1a: tells payloads apart as well as the real digest does, for nothing. */
static unsigned long long digest(const char *text) {
  unsigned long long hash = 14695981039346656037ULL;
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
  return hash;
}

struct routed {
  char key[256], digest[32], payload[1024];
  const char *trace, *correlation, *timestamp, *id;
};

static void route(const redisReply *entry, struct routed *routed) {
  const redisReply *fields = entry->element[1];
  const char *payload = field(fields, "payload");
  routed->id = entry->element[0]->str;
  routed->trace = field(fields, "trace_id");
  routed->correlation = field(fields, "correlation_id");
  routed->timestamp = field(fields, "timestamp");
  snprintf(routed->key, sizeof routed->key, "quantum:dedup:trade_intent:%s", routed->trace);
  snprintf(routed->digest, sizeof routed->digest, "%016llx", digest(payload));
  int symbol, side, confidence, stamp, quantity, leverage, price, stop, profit;
  const char *s = member(payload, "symbol", &symbol), *d = member(payload, "side", &side);
  const char *c = member(payload, "confidence", &confidence), *t = member(payload, "timestamp", &stamp);
  const char *q = member(payload, "quantity", &quantity), *l = member(payload, "leverage", &leverage);
  const char *p = member(payload, "entry_price", &price), *sl = member(payload, "stop_loss", &stop);
  const char *tp = member(payload, "take_profit", &profit);
  snprintf(routed->payload, sizeof routed->payload,
           "{\"symbol\":\"%.*s\",\"action\":\"%s\",\"confidence\":%.*s,\"timestamp\":\"%.*s\",\"position_size_usd\":%.*s,"
           "\"leverage\":%.*s,\"entry_price\":%.*s,\"stop_loss\":%.*s,\"take_profit\":%.*s,\"source\":\"minimal-router\"}",
           symbol, s, side == 3 && strncmp(d, "buy", 3) == 0 ? "BUY" : "SELL", confidence, c, stamp, t, quantity, q,
           leverage, l, price, p, stop, sl, profit, tp);
}

static redisReply *command(redisContext *context, int count, const char **words) {
  redisReply *reply = redisCommandArgv(context, count, words, NULL);
  if (!reply) die(context->errstr);
  return reply;
}

static char *load(redisContext *context, const char *path) {
  static char text[1 << 16];
  FILE *file = fopen(path, "r");
  if (!file) die("there is no script file");
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  const char *words[] = {"SCRIPT", "LOAD", text};
  redisReply *reply = command(context, 3, words);
  if (reply->type != REDIS_REPLY_STRING) die(reply->str);
  return strdup(reply->str);
}

/* Routes what one read gave; how many entries it was. */
static long batch(redisContext *context, const char *sha, const redisReply *entries) {
  static struct routed routed[BATCH];
  static const char *words[8 + BATCH * (1 + 4 + 2 * FIELDS)];
  long count = (long)entries->elements;
  char keys[16];
  int n = 0;
  snprintf(keys, sizeof keys, "%ld", 3 + count);
  words[n++] = "EVALSHA", words[n++] = sha, words[n++] = keys;
  words[n++] = STREAM, words[n++] = TARGET, words[n++] = DEAD;
  for (long i = 0; i < count; i++) {
    route(entries->element[i], &routed[i]);
    words[n++] = routed[i].key;
  }
  words[n++] = GROUP, words[n++] = "86400";
  for (long i = 0; i < count; i++) {
    const struct routed *r = &routed[i];
    words[n++] = "P", words[n++] = r->id, words[n++] = r->digest, words[n++] = "12";
    words[n++] = "event_type", words[n++] = "trade.intent", words[n++] = "payload", words[n++] = r->payload;
    words[n++] = "trace_id", words[n++] = r->trace, words[n++] = "correlation_id", words[n++] = r->correlation;
    words[n++] = "timestamp", words[n++] = r->timestamp, words[n++] = "source", words[n++] = "minimal-router";
  }
  redisReply *reply = command(context, n, words);
  if (reply->type != REDIS_REPLY_ARRAY) die(reply->str);
  freeReplyObject(reply);
  return count;
}

int main(int argc, char **argv) {
  if (argc != 4) die("usage: minimal-router SOCKET SCRIPT-FILE COUNT");
  signal(SIGPIPE, SIG_IGN);
  redisContext *context = redisConnectUnix(argv[1]);
  if (!context || context->err) die("cannot connect");
  context->reader->maxbuf = 1 << 20;
  const char *create[] = {"XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM"};
  freeReplyObject(command(context, 6, create));
  char *sha = load(context, argv[2]);
  const char *read[] = {"XREADGROUP", "GROUP", GROUP, "minimal", "COUNT", "64", "BLOCK", "1000", "STREAMS", STREAM, ">"};
  for (long left = atol(argv[3]); left > 0;) {
    redisReply *reply = command(context, 11, read);
    if (reply->type == REDIS_REPLY_ARRAY) left -= batch(context, sha, reply->element[0]->element[1]);
    freeReplyObject(reply);
  }
  redisFree(context);
  return 0;
}
