import ArgumentParser

struct Backups: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look after the backups.",
    subcommands: [List.self, Show.self, Check.self, Diff.self, Cursors.self, Pin.self, Unpin.self, Prune.self],
    defaultSubcommand: List.self)
}
