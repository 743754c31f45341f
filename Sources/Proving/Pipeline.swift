internal import Deployment

/// The way of a message, as the manifest's `verify.duplicates` tells it.
struct Pipeline: Sendable {
  /// A unit and the stream that it reads.
  struct Stage: Sendable {
    var stream: String
    var unit: String
    /// Its groups that the manifest names; empty where it names none.
    var groups: [String]
  }

  var wanted: Manifest.Duplicates
  /// The unit that skips duplicates, then the unit that ends a message where the manifest names one.
  var stages: [Stage]

  /// Why nothing can be sent through the services of a manifest; `nil`: it can.
  static func obstacle(_ manifest: Manifest) -> String? {
    guard let wanted = manifest.verify.duplicates else {
      return "the manifest names no streams to send a message through (verify.duplicates)"
    }
    guard wanted.probe != .off else { return "the manifest switches the probe off (verify.duplicates.probe)" }
    return nil
  }

  /// `nil` where there is an obstacle.
  init?(_ manifest: Manifest) {
    guard Self.obstacle(manifest) == nil, let wanted = manifest.verify.duplicates else { return nil }
    self.wanted = wanted
    func stage(_ stream: String, _ unit: String) -> Stage {
      Stage(
        stream: stream, unit: unit, groups: manifest.verify.groups.filter { $0.stream == stream }.map(\.group))
    }
    stages = [stage(wanted.into, wanted.unit)]
    if let terminal = wanted.terminal { stages.append(stage(wanted.out, terminal.unit)) }
  }

  var streams: [String] { stages.map(\.stream) }

  /// The stage of a unit.
  func stage(of unit: String) -> Stage? { stages.first { $0.unit == unit } }
}

extension Subjects {
  /// The unit that skips duplicates.
  static func first(of manifest: Manifest) -> Subjects {
    guard let pipeline = Pipeline(manifest) else { return .none(because: Pipeline.obstacle(manifest) ?? "") }
    return .each([pipeline.wanted.unit])
  }

  /// The unit of each stage, once.
  static func stages(of manifest: Manifest) -> Subjects {
    guard let pipeline = Pipeline(manifest) else { return .none(because: Pipeline.obstacle(manifest) ?? "") }
    var seen: Set<String> = []
    return .each(pipeline.stages.map(\.unit).filter { seen.insert($0).inserted })
  }

  /// The unit that ends a message.
  static func last(of manifest: Manifest) -> Subjects {
    guard let pipeline = Pipeline(manifest) else { return .none(because: Pipeline.obstacle(manifest) ?? "") }
    guard let terminal = pipeline.wanted.terminal else {
      return .none(because: "the manifest names no unit that ends a message (verify.duplicates.terminal)")
    }
    return .each([terminal.unit])
  }
}
