import Deployment

/// The exit statuses as every verb's help lists them.
enum ExitStatusHelp {
  static let text = list(ExitStatus.allCases)

  static func list(_ statuses: [ExitStatus]) -> String {
    "Exit statuses:\n"
      + statuses.map { status in
        let number = String(status.rawValue)
        return "  " + String(repeating: " ", count: max(0, 2 - number.count)) + number + "  " + status.meaning
      }.joined(separator: "\n")
  }
}
