import Measurement
import TestSupport

/// A row of the table: what is measured, beside what, and what is to be reached. To add one: a file in Rows/, and a line
/// in `Rows.all`.
protocol Row: Sendable {
  /// A word, for `--only`.
  var id: String { get }
  var title: String { get }
  /// What is measured, and how.
  var how: String { get }
  /// What the figures do not say.
  var limits: String { get }
  /// Peers that it is compared with, by the names that `Peers` gives them.
  var peersAskedFor: [String] { get }
  /// Whether it needs a disk, and neither systemd nor root, so that it is measured outside of the throwaway machine.
  var isOnHost: Bool { get }
  /// Rounds of what takes seconds.
  func rounds(_ sizes: Sizes) -> Int
  /// Those of the row, in the order in which they are shown; their contenders are empty.
  func figures(_ sizes: Sizes) -> [RowHeading]
  /// Makes what has to be on a disk of the host: the machine sees the checkout, and cannot write to it.
  func prepareOnHost(_ sizes: Sizes) throws
  /// Sets everything up where it is measured. The first is qtctl, or a service of this project.
  func contenders(_ ground: Ground) throws -> [Contender]
}

extension Row {
  var peersAskedFor: [String] { [] }
  var isOnHost: Bool { false }

  func rounds(_ sizes: Sizes) -> Int { sizes.rounds }
  func prepareOnHost(_ sizes: Sizes) throws {}
}

/// A figure that is to be measured.
struct RowHeading: Sendable {
  /// By which contenders name it.
  let key: String
  let title: String
  var unit = "ms"
  /// Where a contender has several quantities in the figure: `KEY/PART` is how it names each.
  var parts: [String] = []
  var bars: [Bar] = []
}

/// One that takes its turn in each round.
struct Contender {
  let name: String
  /// Whether it takes milliseconds, and so more rounds.
  var isShort = false
  /// What it works on, where the row shows growth.
  var size: Double?
  /// Takes a turn and returns what it measured, by the key of the heading. What is not to be timed it does before.
  let turn: (_ round: Int) throws -> [String: Double]
}

/// What a row finds where it is measured.
struct Ground: Sendable {
  /// A folder on the disk of the host, which the machine writes to as well.
  static let disk = Checkout.root + "/.build/bench/disk"

  /// A folder of the row's own.
  let folder: String
  /// The same on the disk of the host; it goes with the measurement.
  let disk: String
  let sizes: Sizes
  let peers: Peers
  /// The program of the service that answers at once.
  let service: String

  init(folder: String, _ sizes: Sizes, _ peers: Peers) {
    (self.folder, self.sizes, self.peers) = (folder, sizes, peers)
    disk = Self.disk + "/row"
    service = BuiltProgram.path(of: "quantum-bench-service")
  }
}

extension RowHeading {
  /// The figure, of what was measured: by key and name of the contender.
  func figure(_ contenders: [Contender], _ samples: [String: [String: [Double]]]) -> Figure {
    let lines = contenders.flatMap { contender in
      (parts.isEmpty ? [nil] : parts.map(Optional.some)).compactMap { part -> Figure.Contender? in
        samples[part.map { "\(key)/\($0)" } ?? key]?[contender.name].map { values in
          Figure.Contender(
            name: part.map { "\(contender.name), \($0)" } ?? contender.name,
            samples: values.map { ($0 * 1000).rounded() / 1000 }, size: contender.size, part: part)
        }
      }
    }
    return Figure(title: title, unit: unit, contenders: lines, bars: bars)
  }
}

extension Row {
  /// Sets up and lets all take turns. What fails is said in the result; the rounds before it count.
  func measure(_ ground: Ground) -> BenchResults.Row {
    var samples: [String: [String: [Double]]] = [:]
    var result = BenchResults.Row(id: id, title: title, how: how, limits: limits, absent: [])
    var contenders: [Contender] = []
    do {
      for folder in [ground.folder, ground.disk] { try Timed.sh(#"rm -rf "$1"; mkdir -p "$1""#, folder) }
      contenders = try self.contenders(ground)
    } catch {
      result.failure = "\(error)"
    }
    var failed: Set<String> = []
    for round in 0..<max(ground.sizes.rounds, ground.sizes.shortRounds) {
      for contender in contenders where !failed.contains(contender.name) {
        guard round < (contender.isShort ? ground.sizes.shortRounds : rounds(ground.sizes)) else { continue }
        do {
          for (key, value) in try contender.turn(round) {
            samples[key, default: [:]][contender.name, default: []].append(value)
          }
        } catch {
          failed.insert(contender.name)
          result.absent.append(.init(name: contender.name, reason: "failed in round \(round + 1): \(error)"))
        }
      }
    }
    for name in peersAskedFor {
      if let reason = ground.peers.absent[name] { result.absent.append(.init(name: name, reason: reason)) }
    }
    result.figures = figures(ground.sizes).map { $0.figure(contenders, samples) }
    return result
  }
}
