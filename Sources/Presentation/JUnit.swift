package import Deployment
import FileOperations

/// Checks as JUnit XML, for CI systems: one suite, one case a check.
package struct JUnit {
  package let checks: [CheckResult]
  /// The command that they are of.
  package let command: String

  package init(checks: [CheckResult], command: String = "verify") {
    self.checks = checks
    self.command = command
  }

  package var text: String {
    let cases = checks.map { check in
      let name = Self.escaped("\(check.id) \(check.subject)")
      let detail = Self.escaped(check.detail)
      let inner =
        switch check.status {
        case .pass: ""
        case .fail: "<failure message=\"\(detail)\"/>"
        case .skip: "<skipped message=\"\(detail)\"/>"
        case .warn: "<system-out>\(detail)</system-out>"
        }
      let facts = "classname=\"qtctl.\(command)\" name=\"\(name)\" time=\"\(check.seconds)\""
      return "  <testcase \(facts)>\(inner)</testcase>\n"
    }
    let failures = checks.failures.count
    let skipped = checks.count { $0.status == .skip }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="qtctl \(command)" tests="\(checks.count)" failures="\(failures)" skipped="\(skipped)">
      \(cases.joined())</testsuite>

      """
  }

  /// - Throws: `Refusal` where no file can be written there. To be asked before work of minutes.
  package static func check(_ path: String) throws {
    let folder = Files.parent(of: path).isEmpty ? "." : Files.parent(of: path)
    guard try FileState.peek(Paths.of(folder) ?? folder).type == .directory else {
      throw Refusal(["the folder '\(folder)' for the JUnit file does not exist; make it, or name another file"])
    }
    guard try FileState.peek(path).type != .directory else {
      throw Refusal(["the JUnit file '\(path)' is a folder; name a file in it, such as '\(path)/qtctl.xml'"])
    }
  }

  package func write(to path: String) throws { try Files.replace(path, with: Array(text.utf8), mode: 0o644) }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      // XML 1.0 has no other control characters, not even escaped.
      case _ where scalar.value < 0x20: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
