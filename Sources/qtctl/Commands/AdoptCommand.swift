import Adoption
import ArgumentParser
import Basics
import Deployment
import FileOperations
import HostState
import Presentation
import Releases
import Systemd
import Transactions

struct AdoptCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Write a release, with its manifest, from what runs on this host.",
    discussion: """
      It copies the unit files, programs, configuration, environment files and source trees of the units into a folder, and writes
      a qtctl.yaml that 'qtctl deploy' finds unchanged. What a Debian package brings is not copied; comments in the manifest say
      what was left out and why. The services are not touched. A first backup is taken.

      """ + ExitStatusHelp.list([.done, .locked, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The units; without a type, services.", completion: Completions.units)
  var units: [String] = []

  @Option(help: ArgumentHelp("Also every unit whose name matches, such as 'shop-*'.", valueName: "pattern"))
  var all: String?

  @Option(
    help: ArgumentHelp("The folder to write; its name becomes the manifest's.", valueName: "folder"),
    completion: .directory)
  var into = "adopted"

  @Flag(help: "Do not take the first backup.")
  var noBackup = false

  func validate() throws {
    guard !units.isEmpty || all != nil else { throw ValidationError("name the units, or a pattern with --all") }
  }

  var isDetached: Bool { true }

  func perform(_ session: Session) async throws -> CommandResult {
    guard Caller.isRoot else { throw Refusal(["only root may read all that services use; run: sudo qtctl adopt"]) }
    let path = Paths.resolve(into, in: Paths.of(".") ?? "/")
    let folder = try ReleaseFolder(at: path)
    let adopter = Adopter(try ServiceManager(), redis: session.environment.redis)
    let host = try await adopter.adopt(try adopter.units(named: units, matching: all), as: Self.name(path))
    try folder.write(host)
    var report = CommandResult("adopt", .done)
    let files = host.files.count + host.units.map(\.files.count).reduce(0, +)
    report.message =
      "wrote '\(path)': \(counted(host.units.count, "unit")), \(counted(files, "file")), "
      + "\(counted(host.trees.count, "folder")); read the comments in its qtctl.yaml, "
      + "then try it with: qtctl deploy --dry-run \(ShellWord.of(path))"
    guard !noBackup else { return report }
    let lookup = try ManifestLookup(named: path, environment: session.environment)
    let backup = try await BackupPlan.take(
      lookup, reason: "first backup, taken by adopt", wait: .zero, volatileStore: false, try session.context(),
      recorder: session.recorder)
    report.stamp = backup.stamp
    report.steps = backup.steps
    report.exit = backup.exit
    if backup.exit != .done { report.outcome = backup.outcome }
    report.message += "\n" + backup.message
    return report
  }

  private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// A plain word for the manifest.
  private static func name(_ path: String) -> String {
    let word = Paths.name(path).unicodeScalars.map { scalar -> Character in
      let fits = scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains(scalar))
      return fits ? Character(scalar) : "-"
    }
    let trimmed = word.drop { !$0.isLetter && !$0.isNumber }.prefix(64)
    return trimmed.isEmpty ? "adopted" : String(trimmed)
  }
}
