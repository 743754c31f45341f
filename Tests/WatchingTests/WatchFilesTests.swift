import Deployment
import HostState
import TestSupport
import Testing

@testable import Watching

@Suite("What a watch keeps on the host")
struct WatchFilesTests {
  private static func record(_ name: String, began: Int = 1000) -> WatchRecord {
    WatchRecord(
      name: name, release: ReleaseIdentity(version: "1", digest: "aa"), installed: 900, store: "/b", began: began,
      until: 9000, rules: .init(Manifest.Watch()))
  }

  @Test(
    "a look goes on only with the watch that it has read: one that was ended or begun anew meanwhile stays as it is")
  func update() async throws {
    try await TemporaryFolder.with { folder in
      let store = WatchStore(StateFolder(path: folder.path))
      #expect(try store.record("shop") == nil && store.all().isEmpty)
      var old = Self.record("shop")
      #expect(try !store.update(old))
      try store.write(old)
      old.lastLook = 1060
      #expect(try store.update(old) && store.record("shop") == old)
      let new = Self.record("shop", began: 2000)
      try store.write(new)
      #expect(try !store.update(old) && store.record("shop") == new)
      var ended = new
      ended.end = .init(kind: .stopped, at: 2100, why: "root stopped it")
      #expect(try store.update(ended))
      #expect(try !store.update(new) && store.record("shop") == ended)
    }
  }

  @Test("a record that is damaged or of a newer version is refused with what ends it, and hides no other")
  func unreadable() async throws {
    try await TemporaryFolder.with { folder in
      let store = WatchStore(StateFolder(path: folder.path))
      try store.write(Self.record("good"))
      var newer = Self.record("newer")
      newer.schema = "qtctl-watch/9"
      try store.write(newer)
      try folder.write("{\"name\":", to: "watch/torn.json")
      for name in ["newer", "torn"] {
        do {
          _ = try store.record(name)
          Issue.record("\(name) was read")
        } catch {
          #expect("\(error)".contains("qtctl watch --stop --name \(name)"), "\(error)")
        }
      }
      #expect(try store.all().map(\.name) == ["good"])
    }
  }

  @Test("nobody looking is told, a long look is not")
  func silence() {
    var record = Self.record("shop")
    #expect(!record.isSilent(at: 1000 + 600) && record.isSilent(at: 1000 + 2000))
    record.lastLook = 2900
    #expect(!record.isSilent(at: 3000))
    record.end = .init(kind: .over, at: 3000, why: "")
    #expect(!record.isSilent(at: 100_000))
  }

  @Test("memory is what cannot be written elsewhere: by control group, else by process, the file cache left out")
  func memory() async throws {
    try await TemporaryFolder.with { folder in
      let reading = MemoryReading(groups: folder["cg"], proc: folder["proc"])
      #expect(reading.memory(of: "/system.slice/a.service") == nil)
      try folder.write("42\n43\n", to: "cg/system.slice/a.service/cgroup.procs")
      try folder.write("", to: "cg/cgroup.procs")
      try folder.write(
        "Name:\ta\nVmRSS:\t900 kB\nRssAnon:\t  100 kB\nRssFile:\t 800 kB\nVmSwap:\t5 kB\n", to: "proc/42/status")
      try folder.write("RssAnon:\t200 kB\nRssShmem:\t-1 kB\nVmSwap:\tx kB\n", to: "proc/43/status")
      #expect(reading.memory(of: "/system.slice/a.service") == 305 * 1024)
      try folder.write(
        "anon 1000\nfile 99999999\nshmem 20\npagetables 3\n", to: "cg/system.slice/a.service/memory.stat")
      try folder.write("7\n", to: "cg/system.slice/a.service/memory.swap.current")
      #expect(reading.memory(of: "/system.slice/a.service") == 1030)
    }
  }

  @Test("a word of a unit file is quoted, whatever is in it")
  func quoting() {
    #expect(WatchUnits.quoted("QTCTL_STATE=/a b/%n\\\"") == "\"QTCTL_STATE=/a b/%%n\\\\\\\"\"")
    #expect(WatchUnits.unit("shop.eu") == "qtctl-watch-shop.eu")
  }
}
