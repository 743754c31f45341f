import ArgumentParser

/// The words of a command line that say on which host it runs.
enum HostWords {
  private static let host = "--host"
  private static let install = "--install-qtctl"

  /// The command line with these words where the command takes them: they may also stand before it.
  static func settled(_ words: [String]) -> [String] {
    var leading: [String] = []
    var rest = words[...]
    while let word = rest.first, word == host || word == install || word.hasPrefix(host + "=") {
      let count = word == host ? 2 : 1
      leading += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    let command = rest.prefix { !$0.hasPrefix("-") }
    return command + leading + rest.dropFirst(command.count)
  }

  /// How many hosts the command line names: a later one would take the place of the others without a word.
  static func hosts(in words: [String]) -> Int {
    words.prefix { $0 != "--" }.count { $0 == host || $0.hasPrefix(host + "=") }
  }

  /// The command line without these words: what the host runs.
  static func removed(from words: [String]) -> [String] {
    let options = words.prefix { $0 != "--" }
    var (result, skips): ([String], Bool) = ([], false)
    for word in options {
      if skips {
        skips = false
      } else if word == host {
        skips = true
      } else if word != install, !word.hasPrefix(host + "=") {
        result.append(word)
      }
    }
    return result + words.dropFirst(options.count)
  }
}
