import Rehearsal
import TestSupport
import Testing

@Suite("What is on disk before what")
struct SyncOrderTests {
  @Test("holds in a deploy and in a rollback, by their own traces", arguments: Matrix.Command.allCases)
  func traced(_ command: Matrix.Command) async throws {
    try await Site.with(name: "sync-\(command.rawValue)") { site in
      let matrix = try await Matrix(command, on: site)
      let trace = TracedCall.parse(try await matrix.trace(SyncOrder.calls, ["-y"]))
      let roots = (MatrixRelease.places + " /var/lib/qtctl " + MatrixRelease.store).split(separator: " ")
      let order = SyncOrder(trace, roots: roots.map(String.init))
      #expect(order.faults == [])
      // The files, the journal, the backup and the record of what is installed; a line for every step.
      #expect(order.renames >= 7 && order.announcements >= 12, "\(order.renames) \(order.announcements)")
      print(
        "fsync order, \(command.rawValue): \(order.renames) renames and \(order.announcements) announcements of "
          + "\(trace.count) calls, \(order.faults.count) faults")
    }
  }

  private static let journal = "/var/lib/qtctl/transaction.jsonl"
  private static let announce = """
    7 write(5<\(journal)>, "{\\"step\\"", 20) = 20
    7 fsync(5<\(journal)>)                = 0

    """
  private static let write = """
    7 openat(AT_FDCWD</>, "/opt/.a", O_WRONLY|O_CREAT|O_EXCL, 0600) = 6</opt/.a>
    7 write(6</opt/.a>, "a > \\"b\\"", 4) = 4
    7 fsync(6</opt/.a>) = 0

    """
  private static let rename = """
    7 rename("/opt/.a", "/opt/a")     = 0
    7 fsync(8</opt>)                  = 0

    """

  private static let goodTraces = [
    announce + write + rename + announce,
    // Another thread says something to the bus meanwhile; a call is torn in two lines; one fails.
    """
    7 write(5<\(journal)>, "x", 1 <unfinished ...>
    8 sendmsg(3<UNIX:[1]>, {}, 0) = 1
    7 <... write resumed>) = 1
    7 fsync(5<\(journal)>) = 0
    7 rename("/opt/.b", "/opt/b") = -1 ENOSPC (No space left on device)

    """,
    // What is removed with its folder is not fsynced first; what is elsewhere does not count.
    """
    7 mkdir("/opt/x", 0755) = 0
    7 openat(AT_FDCWD</>, "/opt/x/y", O_WRONLY|O_CREAT, 0600) = 6</opt/x/y>
    7 write(6</opt/x/y>, "a", 1) = 1
    7 write(6</tmp/y>, "a", 1) = 1
    7 unlink("/opt/x/y") = 0
    7 rmdir("/opt/x") = 0
    7 fsync(8</opt>) = 0
    7 write(6</var/lib/qtctl/lock>, "a", 1) = 1

    """,
  ]

  private static let badTraces = [
    (write.replacing("7 fsync(6</opt/.a>) = 0\n", with: "") + rename, "'/opt/.a' is not fsynced"),
    (write + "7 write(6</opt/.a>, \"a\", 1) = 1\n" + rename, "'/opt/.a' is not fsynced"),
    (write + rename.replacing("7 fsync(8</opt>)                  = 0\n", with: "") + announce, "folder '/opt'"),
    (write + rename.replacing("7 fsync(8</opt>)                  = 0\n", with: ""), "before the end"),
    (write + "7 link(\"/opt/.a\", \"/opt/b\") = 0\n", "folder '/opt'"),
    ("7 unlink(\"/opt/a\") = 0\n" + announce, "folder '/opt'"), ("7 mkdir(\"/opt/a\", 0755) = 0\n", "folder '/opt'"),
    (write + "7 fchmod(6</opt/.a>, 0755) = 0\n7 fsync(8</opt>) = 0\n", "'/opt/.a' is not fsynced"),
    ("7 write(5<\(journal)>, \"x\", 1) = 1\n7 sendmsg(3<UNIX:[1]>, {}, 0) = 1\n", "before the journal's last line"),
    ("7 write(5<\(journal)>, \"x\", 1) = 1\n" + rename, "before the journal's last line"),
    // A folder that is renamed, with a file in it that is not on disk.
    (
      """
      7 write(6</opt/x/y>, "a", 1) = 1
      7 fsync(8</opt/x>) = 0
      7 rename("/opt/x", "/opt/z") = 0
      7 fsync(8</opt>) = 0

      """, "'/opt/x/y' is not fsynced"
    ),
  ]

  @Test("is found in good traces", arguments: goodTraces)
  func good(_ trace: String) {
    #expect(SyncOrder(TracedCall.parse(trace), roots: ["/opt", "/var/lib/qtctl"]).faults == [])
  }

  @Test("is missed in bad ones, and said", arguments: badTraces)
  func bad(_ trace: String, words: String) {
    let faults = SyncOrder(TracedCall.parse(trace), roots: ["/opt", "/var/lib/qtctl"]).faults
    #expect(faults.contains { $0.contains(words) }, "\(faults)")
  }
}
