import ArgumentParser
import Basics

/// A command that does not exist, with the one that was probably meant.
enum UnknownCommand {
  /// What is wrong with the words after the program's name, as a message; `nil` where the commands in them exist.
  static func message(_ words: [String], in root: any ParsableCommand.Type = Qtctl.self) -> String? {
    var (command, path) = (root, "qtctl")
    for (place, word) in words.enumerated() {
      let children = commands(of: command)
      // What is asked for help about has to exist, too.
      if place == 0, word == "help" { continue }
      // A command that is complete without a further one takes words of its own.
      guard !children.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      if let child = children.first(where: { name($0) == word }) {
        (command, path) = (child, "\(path) \(word)")
        continue
      }
      let names = children.map(name)
      let meant = NearestWord.nearest(to: word, in: names)
      let advice = meant.map { "did you mean '\($0)'?" } ?? "the commands are \(names.joined(separator: ", "))"
      return "unknown command '\(word)'; \(advice)\nSee '\(path) --help'."
    }
    return nil
  }

  private static func commands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    command.configuration.subcommands
  }

  private static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? String(describing: command).lowercased()
  }
}
