import Glibc
import Testing

/// The tests that need systemd as PID 1 and root. They run in order, since reloading the unit files concerns them all.
@Suite(.enabled(if: RealSystemd.isHere), .serialized)
struct OnRealSystemd {}

/// Whether these tests can run here.
enum RealSystemd {
  static let isBooted = access("/run/systemd/system", F_OK) == 0
  static let isHere = isBooted && geteuid() == 0
  /// How many tests `OnRealSystemd` holds: a machine that ran another number did not prove what it should.
  static let testCount = 51
}
