internal import Deployment
internal import FileOperations
internal import Systemd

extension SystemdControl {
  /// systemd's process 1 itself reads a unit's environment files before each of its commands, and waits without end where
  /// one is a pipe: then nothing on the host starts or stops any more. A unit's own user may have put it there.
  ///
  /// - Returns: why the unit must not be started or reloaded; `nil` where no such file is in its way.
  func environmentHangs(_ unit: String) -> String? {
    guard let status = try? manager.status(of: unit) else { return nil }
    return EnvironmentPipes.among(status.environmentFiles.map(\.path)).first.map { path in
      "its environment file '\(path)' is no plain file, and systemd as a whole would wait for it; put a plain file there"
    }
  }
}

/// Environment files that systemd must not be let near.
package enum EnvironmentPipes {
  /// - Parameter patterns: what `EnvironmentFile=` lines name; each may be a glob(7) pattern.
  /// - Returns: the paths at which there is something else than a plain file, at the end of whatever symlinks.
  package static func among(_ patterns: [String]) -> [String] {
    patterns.flatMap(UnitCompanions.matches).filter { path in
      // What cannot be followed is refused by systemd as well.
      guard let place = Paths.of(path), let type = (try? FileState.peek(place))?.type else { return false }
      return type == .other && !harmless.contains(place)
    }
  }

  /// Devices that have an end.
  private static let harmless: Set = ["/dev/null"]
}
