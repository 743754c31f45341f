@testable import Backups
import Deployment
import FileOperations
import Glibc
@testable import KnownDigests
import TestSupport
import Testing
import Transactions

@Suite("The list of backups", .enabled(if: geteuid() == 0, "what is kept of backups is root's"))
struct BackupListTests {
  private let sandbox: Sandbox
  /// Two backups, old enough to be known.
  private let stamps: [Stamp]
  private var state: String { sandbox.root + "/state" }
  private var file: String { state + "/folders" }

  init() async throws {
    sandbox = try Sandbox()
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "sub/conf": "c"]))
    var stamps: [Stamp] = []
    for version in ["2", "3"] {
      let result = try await sandbox.deploy(sandbox.release(version, ["app": version, "sub/conf": "c"]))
      stamps.append(try #require(result.stamp))
    }
    self.stamps = stamps
    for stamp in try sandbox.store.stamps() where !stamps.contains(stamp) { try sandbox.store.remove(stamp) }
    usleep(150_000)
    try #require(list().allSatisfy { $0 == "before deploy" })
  }

  /// What the list says of each backup, newest first: why it was taken, or "damaged".
  @discardableResult
  private func list(during era: Era? = .now) throws -> [String] {
    try sandbox.store.list(KnownFolders(in: state, during: era)).map { (try? $0.summary.get().reason) ?? "damaged" }
  }

  private func index(_ era: Era? = .now) throws -> (index: BackupIndex, place: FileFacts.Identity) {
    let place = try #require(FolderPicture(of: Folder.own(sandbox.store.path))).place
    let bytes = KnownFolders(in: state, during: era).kept(of: place)
    return (bytes.flatMap(BackupIndex.init) ?? BackupIndex(), place)
  }

  /// Makes all that is kept a lie, so that it shows what was not looked at.
  private func lie() throws {
    var (index, place) = try index()
    for stamp in index.entries.keys { index.entries[stamp]?.summary.reason = "a lie" }
    KnownFolders(in: state).keep(index.bytes, of: place)
  }

  @Test("looks at no backup again in which nothing changed, and at each that it does not know")
  func known() async throws {
    try lie()
    #expect(try list() == ["a lie", "a lie"])
    try await sandbox.deploy(sandbox.release("4", ["app": "4", "sub/conf": "c"]))
    usleep(150_000)
    // The copy that both hold was linked to, which is no change of the older one.
    #expect(try list() == ["before deploy", "a lie", "a lie"])
    #expect(try index().index.entries.count == 3)
    try sandbox.store.remove(stamps[0])
    #expect(try list() == ["before deploy", "a lie"])
    #expect(try index().index.entries.count == 2)
  }

  enum Change: String, CaseIterable {
    case removed, emptied, longer, shorterInOldTime, recordInPlace, recordInOldTime, recordMapped, script, sums
    case recordReplaced, recordRemoved, stranger, deepStranger, link, folderSwapped, folderOfOthers, exchanged, gone
    case mode, owner, folderMode, ownMode, pin
  }

  @Test("sees every change of a backup that it knows", arguments: Change.allCases)
  func change(_ change: Change) throws {
    try lie()
    let folder = sandbox.store.folder(stamps[1])
    try apply(change, folder)
    let rows = try list()
    switch change {
    case .mode, .owner, .folderMode, .ownMode, .folderSwapped, .pin: #expect(rows == ["before deploy", "a lie"])
    case .gone: #expect(rows == ["a lie"])
    case .exchanged: #expect(rows == ["damaged", "damaged"])
    default: #expect(rows == ["damaged", "a lie"])
    }
    if change == .pin { #expect(try sandbox.store.list(KnownFolders(in: state)).map(\.pinned) == [true, false]) }
    // What is damaged is not kept, and said again.
    #expect(try list() == rows)
  }

  private func apply(_ change: Change, _ folder: String) throws {
    let app = folder + "/files" + sandbox.target("app")
    let live = folder + "/files" + sandbox.root + "/live"
    let record = folder + "/backup.json"
    switch change {
    case .removed: try #require(unlink(app) == 0)
    case .emptied: try #require(truncate(app, 0) == 0)
    case .longer: try TestFiles.write("longer than it was", to: app)
    case .shorterInOldTime: try inOldTime(app) { try #require(truncate(app, 0) == 0) }
    case .recordInPlace: try TestFiles.flipBit(record)
    case .recordInOldTime: try inOldTime(record) { try TestFiles.flipBit(record) }
    case .recordMapped: try inOldTime(record) { try writeMapped(record) }
    case .script: try TestFiles.flipBit(folder + "/restore.sh")
    case .sums: try TestFiles.flipBit(folder + "/SHA256SUMS")
    case .recordReplaced:
      let other = sandbox.store.folder(stamps[0]) + "/backup.json"
      try Files.replace(record, with: Files.read(other), mode: 0o600)
    case .recordRemoved: try #require(unlink(record) == 0)
    case .stranger: try TestFiles.write("", to: folder + "/stranger")
    case .deepStranger: try TestFiles.write("", to: live + "/sub/stranger")
    case .link: try #require(unlink(app) == 0 && symlink("/bin/sh", app) == 0)
    case .folderSwapped:
      try #require(rename(live + "/sub", live + "/aside") == 0 && mkdir(live + "/sub", 0o700) == 0)
      try #require(rename(live + "/aside/conf", live + "/sub/conf") == 0 && rmdir(live + "/aside") == 0)
    case .folderOfOthers:
      let other = sandbox.store.contents(stamps[0]) + sandbox.root + "/live/sub"
      try #require(rename(live + "/sub", sandbox.root + "/aside") == 0 && symlink(other, live + "/sub") == 0)
    case .exchanged:
      let other = sandbox.store.folder(stamps[0])
      try #require(rename(other, other + "-x") == 0 && rename(folder, other) == 0 && rename(other + "-x", folder) == 0)
    case .gone: try #require(rename(folder, sandbox.root + "/gone") == 0)
    case .mode: try #require(chmod(app, 0o600) == 0)
    case .owner: try #require(chown(app, 1, 1) == 0)
    case .folderMode: try #require(chmod(live, 0o755) == 0)
    case .ownMode: try #require(chmod(record, 0o640) == 0)
    case .pin: try sandbox.store.setPinned(true, stamps[1])
    }
  }

  private func inOldTime(_ path: String, _ body: () throws -> Void) throws {
    let before = try TestFiles.facts(path)
    try body()
    try #require(
      withUnsafePointer(to: (before.st_mtim, before.st_mtim)) {
        $0.withMemoryRebound(to: timespec.self, capacity: 2) { utimensat(AT_FDCWD, path, $0, 0) }
      } == 0)
  }

  private func writeMapped(_ path: String) throws {
    let file = open(path, O_RDWR)
    let page = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
    close(file)
    page.storeBytes(of: UInt8(ascii: "x"), as: UInt8.self)
    munmap(page, 4096)
  }

  @Test("keeps nothing of a backup whose times are new, of one that somebody can write, and after the clock was set")
  func unsettled() throws {
    let newest = sandbox.store.folder(stamps[1]) + "/backup.json"
    try #require(utimensat(AT_FDCWD, newest, nil, 0) == 0)
    try list()
    #expect(try index().index.entries.keys.sorted() == [stamps[0]])
    usleep(150_000)
    let file = open(newest, O_RDWR)
    try list()
    #expect(try index().index.entries.keys.sorted() == [stamps[0]])
    close(file)
    try list()
    #expect(try index().index.entries.count == 2)
    try lie()
    var era = try #require(Era.now)
    era.clock -= 3_600_000_000_000
    #expect(try list(during: era) == ["before deploy", "before deploy"])
    // Nor is kept what was learned then.
    #expect(try list() == ["a lie", "a lie"])
  }

  @Test("looks at everything on a filesystem that may change unseen")
  func memory() throws {
    let memory = try SuiteFolder(in: "/dev/shm")
    try #require(system("cp -a '\(sandbox.store.path)' '\(memory.path)/store'") == 0)
    usleep(150_000)
    let (store, known) = (BackupStore(path: memory.path + "/store"), KnownFolders(in: state))
    let rows = try store.list(known)
    #expect(rows.count == 2 && rows.allSatisfy { (try? $0.summary.get()) != nil })
    let place = try #require(FolderPicture(of: Folder.own(store.path))).place
    #expect(known.kept(of: place) == nil)
  }

  @Test("believes nothing of a file that is torn, changed, or not root's alone")
  func brokenFile() throws {
    try lie()
    let whole = try Files.read(file)
    let truth = ["before deploy", "before deploy"]
    for place in stride(from: 0, to: whole.count, by: 37) {
      var bytes = whole
      bytes[place] ^= 1
      try Files.replace(file, with: bytes, mode: 0o600)
      #expect(try list() == truth)
      try Files.replace(file, with: Array(whole.prefix(place)), mode: 0o600)
      #expect(try list() == truth)
    }
    for makeForeign in [{ chmod(file, 0o640) }, { chown(file, 1000, 0) }, { chmod(state, 0o777) }] {
      try Files.replace(file, with: whole, mode: 0o600)
      chmod(state, 0o700)
      #expect(try list() == ["a lie", "a lie"])
      try #require(makeForeign() == 0)
      #expect(try list() == truth)
    }
  }

  @Test("takes no harm from an index that is sealed and nonsense")
  func hostileIndex() throws {
    let (index, place) = try index()
    let whole = index.bytes
    #expect(BackupIndex(whole[...])?.entries == index.entries)
    for length in 0..<whole.count { #expect(BackupIndex(whole.prefix(length)) == nil) }
    #expect(BackupIndex((whole + [0])[...]) == nil)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = BackupIndex(bytes[...])
    }
    for number in [Int64.max, .min, -1, 1 << 40] {
      for start in stride(from: 0, to: whole.count - 8, by: 8) {
        var bytes = whole
        withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(start..<start + 8, with: $0) }
        _ = BackupIndex(bytes[...])
      }
    }
    KnownFolders(in: state).keep(Array(repeating: 0xFF, count: 5000), of: place)
    #expect(try list() == ["before deploy", "before deploy"])
  }

  @Test("is the same for several at once, also while backups are removed beside them")
  func several() async throws {
    let (store, stamps) = (sandbox.store, stamps)
    for number in 0..<40 {
      let copy = store.folder(Stamp(seconds: 1_700_000_000 + number))
      try #require(system("cp -a '\(store.folder(stamps[0]))' '\(copy)'") == 0)
    }
    usleep(150_000)
    let known = KnownFolders(in: state)
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<20 {
            let rows = (try? store.list(known)) ?? []
            let whole = rows.filter { (try? $0.summary.get()) != nil }.map(\.stamp)
            // The copies describe another stamp than theirs; what is removed is whole or gone, never damaged.
            #expect(Set(whole).isSubset(of: stamps))
            #expect(rows.allSatisfy { whole.contains($0.stamp) || !stamps.contains($0.stamp) })
          }
        }
      }
      group.addTask {
        for number in 0..<40 { try? store.remove(Stamp(seconds: 1_700_000_000 + number)) }
        try? store.remove(stamps[0])
      }
    }
    #expect(try list() == ["before deploy"])
    #expect(try Files.names(in: state).filter { $0.contains("folders") } == ["folders"])
  }
}
