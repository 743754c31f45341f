public import ArgumentParser
import Basics
import Deployment
import FileOperations
import Manifests
import Presentation

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
    Console.Options(quiet: quiet, verbose: verbose, color: color, isASCII: ProcessEnvironment.isASCII)
  }

  func validate() throws {
    if manifest != nil && name != nil {
      throw ValidationError("--manifest and --name cannot be used together; remove one of them")
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
