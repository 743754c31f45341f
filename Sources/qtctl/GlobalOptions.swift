public import ArgumentParser
import Basics
import Deployment
import FileOperations

/// What every verb takes.
struct GlobalOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The manifest, or a folder that holds one.", valueName: "path"))
  var manifest: String?

  @Option(
    name: .long,
    help: ArgumentHelp("What was deployed here under this name, where its manifest is not at hand.", valueName: "name"))
  var name: String?

  @Flag(name: .long, help: "Print one JSON document and nothing more to stdout.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print no progress.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print the evidence of every check.")
  var verbose = false

  @Option(name: .long, help: "Colours: auto, always or never.")
  var color = ColorMode.auto

  func validate() throws {
    if manifest != nil && name != nil { throw ValidationError("--manifest and --name exclude each other") }
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }
}

enum ColorMode: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// A duration on the command line, in the manifest's own form: `500ms`, `30s`, `2m`.
extension Duration: @retroactive ExpressibleByArgument {
  public init?(argument: String) {
    guard let duration = try? Duration(manifest: argument) else { return nil }
    self = duration
  }

  public var defaultValueDescription: String { compactText }
}
