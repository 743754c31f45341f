public import ArgumentParser
import Basics
import Deployment

/// A duration on the command line, in the manifest's own form: `500ms`, `30s`, `2m`.
extension Duration: @retroactive ExpressibleByArgument {
  public init?(argument: String) {
    guard let duration = try? Duration(manifest: argument) else { return nil }
    self = duration
  }

  public var defaultValueDescription: String { compactText }
}
