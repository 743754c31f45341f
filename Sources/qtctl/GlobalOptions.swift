public import ArgumentParser
import Basics
import Deployment
import FileOperations
import Manifests
import Presentation
import Remote

/// What every verb takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("The manifest, or a folder with a qtctl.yaml.", valueName: "path"),
    completion: .file(extensions: ["yaml"]))
  var manifest: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Use the manifest that was deployed on this host under this name.", valueName: "name"),
    completion: Completions.names)
  var name: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Run the command on another host, over ssh.", valueName: "[user@]host"),
    completion: Completions.hosts)
  var host: String?

  @Flag(
    name: .customLong("install-qtctl"),
    help: "With --host: put this qtctl on the host where it has none or another version.")
  var installQtctl = false

  @Flag(name: .long, help: "Print the result as one JSON document to stdout.")
  var json = false

  @Flag(name: .shortAndLong, help: "Do not print progress.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print all checks with their evidence.")
  var verbose = false

  @Option(name: .long, help: "When to use colours: auto, always or never.")
  var color = Console.ColorMode.auto

  /// How the console shows things.
  var shown: Console.Options {
    let isColoured = color == .auto && ProcessEnvironment.served?.isColoured ?? false
    return Console.Options(
      quiet: quiet, verbose: verbose, color: isColoured ? .always : color, isASCII: ProcessEnvironment.isASCII)
  }

  /// Where the file is that a person names for output: for a caller on another machine it is written elsewhere first.
  func output(_ file: String) -> String { ProcessEnvironment.served?.output ?? file }
  /// What a person names as release or archive: from another machine it came to elsewhere.
  func received(_ path: String?) -> String? { ProcessEnvironment.served?.received ?? path }

  func validate() throws {
    if manifest != nil && name != nil {
      throw ValidationError("--manifest and --name cannot be used together; remove one of them")
    }
    if let host {
      guard HostWords.hosts(in: CommandLine.arguments) <= 1 else {
        throw ValidationError(
          "--host names one host; run the command for each, or roll a release over many with Ansible")
      }
      do { _ = try RemoteHost(host) } catch { throw ValidationError("--host: \(error)") }
    } else if installQtctl {
      throw ValidationError("--install-qtctl is for another host; add --host [USER@]HOST")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together; remove one of them") }
  }
}

extension Console.ColorMode: ExpressibleByArgument {}

/// A duration on the command line, in the manifest's own form: `500ms`, `30s`, `2m`.
extension Duration: @retroactive ExpressibleByArgument {
  public init?(argument: String) {
    guard let duration = try? Duration(manifest: argument) else { return nil }
    self = duration
  }

  public var defaultValueDescription: String { compactText }
}
