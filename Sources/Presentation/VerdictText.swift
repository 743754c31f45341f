package import Deployment
import FileOperations
package import Terminal

/// The rows of a proof as a table: what was proved of what, the verdict and why, and with it what shows it.
package enum VerdictText {
  /// What people read for the status of a row.
  package static func word(_ status: CheckResult.Status) -> String {
    switch status {
    case .pass: "proved"
    case .fail: "failed"
    case .skip: "skipped"
    case .warn: "warned"
    }
  }

  /// How many rows ended how, such as `9 proved, 2 skipped`.
  package static func counts(_ checks: [CheckResult]) -> String {
    [CheckResult.Status.pass, .warn, .skip, .fail]
      .map { status in (checks.count { $0.status == status }, word(status)) }
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  package static func table(_ checks: [CheckResult], _ console: Console) -> StyledText {
    let rows = checks.map { check in
      Table.Row(
        [check.id, word(check.status), seconds(check), check.subject], tone(check.status),
        note: check.detail + evidence(check, console.options.verbose))
    }
    return Table(["ROW", "VERDICT", "TIME", "OF"], bending: ["OF"], heading: ["ROW", "VERDICT"], rows: rows)
      .text(console.layout)
  }

  private static func seconds(_ check: CheckResult) -> String {
    check.status == .skip ? "-" : String(Console.seconds(check.seconds).drop { $0 == " " })
  }

  private static func tone(_ status: CheckResult.Status) -> StyledText.Tone {
    switch status {
    case .pass: .good
    case .fail: .bad
    case .warn: .careful
    case .skip: .dim
    }
  }

  /// The first of each kind; with `--verbose`, all that is known.
  private static func evidence(_ check: CheckResult, _ isVerbose: Bool) -> String {
    let kinds = [("trace_ids", "trace"), ("entries", "entry"), ("broken", "written"), ("log", "log")]
    let parts =
      isVerbose
      ? check.evidence.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
      : kinds.compactMap { key, word in
        guard case .array(let values)? = check.evidence[key], let first = values.first else { return nil }
        return "\(word) \(first.text)" + (values.count > 1 ? " and \(values.count - 1) more" : "")
      }
    return parts.isEmpty ? "" : " [" + parts.joined(separator: "; ") + "]"
  }
}
