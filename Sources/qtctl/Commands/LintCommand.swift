import ArgumentParser
import Deployment
import HostState
import Presentation
import Releases
import Remote
import Verification

struct LintCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check a manifest and its sources anywhere: without systemd, without root.",
    discussion: """
      Reads the manifest as a deploy does, and the sources that exist here. What only the host can tell, such as its users
      and what runs on it, is said by 'qtctl deploy --dry-run' there.

      """ + ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(
    help: "The manifest, or a folder with a qtctl.yaml (default: as for every command).",
    completion: .file(extensions: ["yaml"]))
  var path: String?

  @Flag(help: "Also refuse what is only a warning, such as a source that is not built.")
  var strict = false

  func validate() throws {
    if path != nil && global.manifest != nil {
      throw ValidationError("MANIFEST and --manifest cannot be used together; remove one of them")
    }
    if global.name != nil { throw ValidationError("lint looks at files, not at what was deployed; remove --name") }
  }

  func errand(_ environment: Environment) throws -> Errand {
    try errandOfRelease(path, environment)
  }

  func perform(_ session: Session) throws -> CommandResult {
    guard
      let path = ManifestLookup.path(named: global.received(path ?? global.manifest), environment: session.environment)
    else {
      throw Refusal(["no manifest found; name one, as in: qtctl lint release/qtctl.yaml"])
    }
    if ReleaseArchive.isArchive(path) {
      throw Refusal(["'\(path)' is an archive; unpack it, then run: qtctl lint FOLDER"])
    }
    let checks = try ReleaseLint(at: path).checks
    let isWrong = checks.contains { $0.status == .fail || strict && $0.status == .warn }
    var report = CommandResult("lint", isWrong ? .refused : .done)
    report.checks = checks
    report.exit = isWrong ? .refused : .done
    report.message = "'\(path)' " + (isWrong ? "would be refused" : "can be deployed as far as this machine can tell")
    return report
  }
}
