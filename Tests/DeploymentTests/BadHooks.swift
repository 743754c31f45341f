/// Manifests whose hooks are wrong.
extension ManifestSample {
  static let badHooks: [ManifestSample] = [
    .root("hooks: [a]", "3:8: hooks: must be a mapping of keys to values, not a list"),
    .root("hooks: {migrat: {run: [/m]}}", "3:9: hooks: unknown key 'migrat'; did you mean 'migrate'?"),
    .root("hooks: {prepare: {within: 5s}}", "3:18: hooks.prepare: key 'run' is missing"),
    .root("hooks: {prepare: {run: []}}", "3:24: hooks.prepare.run: must have at least one item"),
    .root(
      "hooks: {prepare: {run: /bin/true}}", "3:24: hooks.prepare.run: must be a list, not text"),
    .root(
      "hooks: {prepare: {run: [dump]}}",
      "3:24: hooks.prepare.run: 'dump' is not looked for in PATH; write its absolute path, or './dump' for a program of "
        + "the release"),
    .root(
      "hooks: {migrate: {run: [./a], undo: [../b]}}",
      "3:37: hooks.migrate.undo: '../b' must not contain '..'; a hook is a program of the release or of the host"),
    .root(
      "hooks: {migrate: {run: [/a/]}}",
      "3:24: hooks.migrate.run: must start with the path of a program; no shell is used"),
    .root(
      "hooks: {prepare: {run: [/p], undo: [/u]}}",
      "3:30: hooks.prepare: unknown key 'undo'; the known keys are run, within"),
    .root(
      "hooks: {finished: {run: [/p], within: 0s}}", "3:39: hooks.finished.within: must be at least 1s"),
    .file(
      "target: /a, reload: yes",
      "5:26: services[0].files[0].reload: 'yes' is text to some YAML readers; write true or false",
      seenBySchema: false),
  ]
}
