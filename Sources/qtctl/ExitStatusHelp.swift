import Deployment

/// The exit statuses as every verb's help lists them.
enum ExitStatusHelp {
  static let text = list(ExitStatus.allCases)

  /// Those of one verb; an error of qtctl's own and a wrong call can befall every verb.
  static func list(_ statuses: [ExitStatus]) -> String {
    let all = Set(statuses + [.internalError, .usage]).sorted { $0.rawValue < $1.rawValue }
    return "Exit statuses:\n"
      + all.map { status in
        let number = String(status.rawValue)
        return "  " + String(repeating: " ", count: max(0, 2 - number.count)) + number + "  " + status.meaning
      }.joined(separator: "\n")
  }
}
