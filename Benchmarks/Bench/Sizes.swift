/// How much is measured. The defaults keep the whole under ten minutes on a quiet machine of two cores.
struct Sizes: Codable, Sendable {
  /// Rounds of what takes seconds.
  var rounds = 5
  /// Rounds of what takes milliseconds.
  var shortRounds = 31
  /// Of the tree that is backed up, and of a release in which nothing changed.
  var treeMiB = 256
  var treeFiles = 250
  /// Files of a few bytes.
  var smallFiles = 2000
  /// Of each program of the rollback of five services.
  var serviceMiB = 20
  var stamps = 10_000
  var units = 200
  var unitFiles = 20_000
  /// Decisions of a round of the fast routers.
  var decisions = 50_000

  /// Those of the issue.
  static let full = Sizes(
    rounds: 7, treeMiB: 1024, treeFiles: 1000, smallFiles: 10_000, serviceMiB: 50, decisions: 100_000)
}
