/// Manifests whose watch is wrong.
extension ManifestSample {
  static let badWatches: [ManifestSample] = [
    .root("watch: 2h", "3:8: watch: must be a mapping of keys to values, not text"),
    .root("watch: {evry: 1m}", "3:9: watch: unknown key 'evry'; did you mean 'every'?"),
    .root("watch: {every: 500ms}", "3:16: watch.every: must be at least 1s", seenBySchema: false),
    .root(
      "watch: {for: 40d}", "3:14: watch.for: '40d' is not a duration: the longest allowed is 744h", seenBySchema: false),
    .root("watch: {failures: 0}", "3:19: watch.failures: '0' must be a whole number from 1 to 100"),
    .root(
      "watch: {for: 2m, every: 1m}", "3:8: watch: 'for' is too short for 3 looks, one every 1m", seenBySchema: false),
    .root(
      "watch: {on-failure: rolback}",
      "3:21: watch.on-failure: 'rolback' must be one of alarm, rollback; did you mean 'rollback'?"),
    .root(
      "watch: {alarm: {run: [./tell]}}",
      "3:22: watch.alarm.run: must start with the absolute path of a program; no shell is used"),
    .root("watch: {alarm: {within: 3s}}", "3:16: watch.alarm: key 'run' is missing"),
  ]
}
