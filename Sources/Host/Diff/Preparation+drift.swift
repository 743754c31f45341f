internal import Deployment

extension Preparation {
  /// The drift, line by line where the content that was left is still known.
  func driftShown(_ context: HostContext) async -> [FileDifference] {
    let secrets = (installed?.secrets ?? []).union(desired.files.filter(\.secret).map(\.path))
    let contents = InstalledContents(context.state, name: release.manifest.name)
    return await Differ(old: "as it was left", new: "on the host").differences(
      drift.map { drift in
        FileComparison(
          path: drift.path, secret: secrets.contains(drift.path),
          old: FileComparison.Side(state: drift.recorded, content: drift.recorded.sha256.map(contents.path)),
          new: FileComparison.Side(state: drift.found, content: drift.path))
      })
  }
}
