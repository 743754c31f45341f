import ArgumentParser
import Deployment
import HostState
import Presentation
import Releases
import Remote
import Signatures

struct SignCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign a release's folder with an OpenSSH key: every byte, mode and link.",
    discussion: """
      Writes the signature to 'qtctl.sig' beside the manifest; sign before the folder is packed. A host with a
      '/etc/qtctl/allowed_signers' deploys only what somebody in that file has signed.

      """ + ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The release's folder (default: the manifest's).")
  var release: String?

  @Option(
    help: ArgumentHelp(
      "The private key, or the public key of one that is in the ssh-agent.", valueName: "file"))
  var key: String

  func validate() throws {
    if release != nil && global.manifest != nil {
      throw ValidationError("RELEASE and --manifest cannot be used together; remove one of them")
    }
    if let release, ReleaseArchive.isArchive(release) {
      throw ValidationError("'\(release)' is an archive; sign the folder, then pack it with its qtctl.sig")
    }
  }

  func errand(_ environment: Environment) throws -> Errand {
    throw ValidationError("a release is signed where the key is, before it is sent; remove --host")
  }

  func perform(_ session: Session) throws -> CommandResult {
    let file = try release.map { try ManifestFile(at: $0) } ?? session.lookup().found()
    return CommandResult("sign", .done, message: try ReleaseSigner(file).sign(with: key).message)
  }
}
