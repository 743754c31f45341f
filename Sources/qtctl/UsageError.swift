import ArgumentParser
import Basics
import Deployment
import Glibc
import Presentation
import Terminal

/// A call that the parser of arguments does not understand, in qtctl's words: what is wrong, how it is called, where to read
/// more.
enum UsageError {
  /// Ends the process as the error asks for: help and the like go to stdout with 0, what is wrong to stderr with 64.
  static func exit(_ error: any Error, of command: any ParsableCommand.Type) -> Never {
    guard command.exitCode(for: error) == .validationFailure else { command.exit(withError: error) }
    let layout = Layout(width: Layout.columns(of: STDERR_FILENO), isASCII: ProcessEnvironment.isASCII)
    Console.write(text(command.fullMessage(for: error), layout) + "\n", to: STDERR_FILENO)
    Glibc.exit(ExitStatus.usage.rawValue)
  }

  /// - Parameter message: the parser's: `Error: …`, `Help: …`, `Usage: …`, `See …`, a line each.
  static func text(_ message: String, _ layout: Layout) -> String {
    let lines = Printable.text(message).split(separator: "\n").map { line in
      guard line.hasPrefix("Error: ") else { return String(line) }
      return "qtctl: " + plain(String(line.dropFirst("Error: ".count)))
    }
    return lines.flatMap { line in
      let indent = String(line.prefix { $0 == " " })
      return TextLines.wrapped(
        layout.shown(String(line.dropFirst(indent.count))), first: indent, rest: indent + "       ",
        width: layout.width,
        layout)
    }.joined(separator: "\n")
  }

  /// As qtctl says it elsewhere.
  private static func plain(_ sentence: String) -> String {
    for (theirs, ours) in [
      ("Missing expected argument ", "missing: "), ("Unexpected argument ", "unexpected: "),
      ("Unknown option ", "unknown option "),
      ("Missing value for ", "no value for "),
    ] where sentence.hasPrefix(theirs) {
      return ours + sentence.dropFirst(theirs.count)
    }
    let examples = [
      "<duration>'": "a whole number and a unit, such as 30s, 10m or 2h", "<number>'": "a whole number, such as 20",
    ]
    if sentence.hasPrefix("The value "), let example = examples.first(where: { sentence.hasSuffix($0.key) })?.value {
      return "the" + sentence.dropFirst("The".count) + "; write " + example
    }
    guard let first = sentence.first, sentence.dropFirst().first?.isLowercase ?? false else { return sentence }
    return first.lowercased() + sentence.dropFirst()
  }
}
