/// How much is measured. The defaults keep the whole at about fifteen minutes on a quiet machine of two cores.
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
  /// Of the big host.
  var services = 97
  var modules = 2000
  var bigTreeFiles = 20_000
  var units = 200
  var unitFiles = 20_000
  /// Rounds of the router and of execution.
  var busRounds = 3
  /// Decisions of a round of the fast routers.
  var decisions = 50_000
  /// Orders of a round of execution.
  var orders = 5000
  /// For how long decisions come evenly.
  var latencySeconds = 3

  /// Those of the issue.
  static let full = Sizes(
    rounds: 7, treeMiB: 1024, treeFiles: 1000, smallFiles: 10_000, serviceMiB: 50, busRounds: 5, decisions: 100_000,
    orders: 20_000, latencySeconds: 10)
}
