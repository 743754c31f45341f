import ArgumentParser
import Deployment
import Glibc
import Systemd

/// The beginning of what is shown: so long ago, or a moment in UTC.
struct SinceTime: ExpressibleByArgument {
  private enum Form {
    case ago(Duration)
    case moment(Int)
  }

  private let form: Form

  init?(argument: String) {
    if let duration = Duration(argument: argument) {
      form = .ago(duration)
    } else if let moment = Self.moment(argument) {
      form = .moment(moment)
    } else {
      return nil
    }
  }

  /// In whole seconds since 1970.
  func moment(at now: Int) -> Int {
    switch form {
    case .ago(let duration): now - Int(clamping: duration.components.seconds)
    case .moment(let moment): moment
    }
  }

  /// Reads `2026-01-31`, `2026-01-31 23:59`, `2026-01-31T23:59:59Z` and stamps, all in UTC.
  private static func moment(_ text: String) -> Int? {
    if let stamp = Stamp(text) { return stamp.seconds }
    var digits = text.replacing("T", with: " ")
    if digits.hasSuffix("Z") { digits.removeLast() }
    let parts = digits.split(separator: " ")
    guard let date = parts.first?.split(separator: "-"), date.map(\.count) == [4, 2, 2], parts.count <= 2 else {
      return nil
    }
    let time = parts.count == 2 ? (parts.last ?? "").split(separator: ":") : []
    guard time.count != 1, time.count <= 3, time.allSatisfy({ $0.count == 2 }) else { return nil }
    let clock = (time + ["00", "00", "00"]).prefix(3)
    // A stamp proves that date and time exist.
    return Stamp(date.joined() + "_" + clock.joined())?.seconds
  }
}

/// A regular expression for lines of a log.
struct LinePattern: ExpressibleByArgument {
  private let regex: Regex<AnyRegexOutput>

  init?(argument: String) {
    guard let regex = try? Regex(argument) else { return nil }
    self.regex = argument == argument.lowercased() ? regex.ignoresCase() : regex
  }

  func matches(_ line: String) -> Bool { line.firstMatch(of: regex) != nil }
}

/// How grave a line of a log is, as syslog(3) names it.
struct PriorityName: ExpressibleByArgument {
  private static let names: [String: Priority] = [
    "emerg": .emergency, "alert": .alert, "crit": .critical, "err": .error, "error": .error, "warning": .warning,
    "warn": .warning, "notice": .notice, "info": .info, "debug": .debug,
  ]

  let priority: Priority

  init?(argument: String) {
    guard let found = Self.names[argument.lowercased()] ?? Int(argument).flatMap(Priority.init) else { return nil }
    priority = found
  }

  static let allValueStrings = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
}
