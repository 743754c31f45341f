internal import FoundationEssentials

/// Counts the starts of a service that were not followed by progress, so that a crash loop slows down instead of keeping
/// a core busy or running into a start limit. systemd before 254 cannot do that by itself.
///
/// The count is a file in the runtime directory, which systemd keeps over its own restarts of the unit (with
/// `RuntimeDirectoryPreserve=restart`) and removes when the unit is stopped.
package final class RestartBackoff {
  private let path: String
  private var isCleared = false

  /// The longest wait. It stays below the unit's TimeoutStartSec.
  static let longest: Duration = .seconds(30)

  package init(folder: String) {
    path = folder + "/starts"
  }

  /// nil outside of systemd, or when the unit has no runtime directory.
  package static func ofUnit(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> RestartBackoff? {
    guard let folder = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first, folder.hasPrefix("/") else {
      return nil
    }
    return RestartBackoff(folder: String(folder))
  }

  /// Counts this start and returns how long it is to wait: nothing for the first one after a crash, then a second,
  /// doubled each time.
  package func begin() -> (starts: Int, wait: Duration) {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let before = min(Int(text.prefix { $0.isNumber }) ?? 0, 1000)
    // A count that cannot be written is a wait that is too short, no reason not to start.
    try? String(before + 1).write(toFile: path, atomically: false, encoding: .utf8)
    guard before > 1 else { return (before, .zero) }
    return (before, min(.seconds(1 << min(before - 2, 10)), Self.longest))
  }

  /// The service has made progress, or was asked to stop.
  package func clear() {
    guard !isCleared else { return }
    isCleared = true
    try? FileManager.default.removeItem(atPath: path)
  }
}
